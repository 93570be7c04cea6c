# SPDX-License-Identifier: MIT
"""The oracle of one life: whether what it was answered is right for what it did."""

import re

from life import Life
from outcome import Run


def fault_of(run: Run, place) -> str | None:
    """`place` says what the server may do at this time: whether it ends, is full, or sheds."""
    life, answers, link = run.life, run.answers, run.link
    if run.wrong:
        return None if place.is_excused(life) and _is_no_wonder(run.wrong) else run.wrong
    if life.key_updates or not life.must_be_answered or place.is_excused(life) or _blocks_itself(life):
        return None
    if run.state in ("not begun", "waiting for its group"):
        return None
    told = f"; {len(answers.whole)} of {len(answers.asks)} answers, {link.received} bytes, state {run.state!r}, " \
           f"connection {link.ended or 'open'}"
    if answers.begun:
        told += f", under way: {str(answers.begun)[:200]}"
    if answers.whole and answers.whole[-1].status == 408:
        return None
    if any(ask.is_endless for ask in life.asks):
        return _fault_of_watching(run, told, place)
    if answers.begun and answers.begun.status == 101:
        return None
    if not answers.is_complete:
        ask = life.asks[min(len(answers.whole), len(life.asks) - 1)] if life.asks else None
        if ask and ask.may_just_end and link.ended:
            return None
        if _has_idled(run, place):
            return None
        if link.ended:
            return f"ended without the whole answer to [{ask}]{told}"
        return f"no whole answer to [{ask}] in time{told}"
    if not run.has_sent_all and len(life.asks) == 1 and life.asks[0].body.kind and not life.asks[0].may_just_end:
        # Linux lets one read an answer behind a reset, but a client that is still sending gives up.
        return f"reset while it still sent its body{told}: {run.answers.whole[-1]}"
    return _fault_of_end(run, told) or _fault_of_frames(run, told)


def _has_idled(run: Run, place) -> bool:
    """Whether the server may have ended the connection for having waited too long for its next request."""
    return bool(run.link.ended) and not run.answers.begun and run.idle_seconds > place.shortest_idle


def _is_no_wonder(wrong: str) -> bool:
    """A doctor's stream that a drain ends early may not have come to its first line; an upload that a drain ends between
    two parts is told how many were taken; and who is refused at accept is told so before it has asked, by HEAD perhaps,
    whose answer has no body."""
    if found := re.match(r"(\d+) of (\d+) sent frames", wrong):
        return 0 < int(found[1]) < int(found[2]) and "'connection': 'close'" in wrong
    return wrong.endswith("/doctor/stream: []") or "connections-full" in wrong or "too-many-connections" in wrong


def _blocks_itself(life: Life) -> bool:
    """Whether it sends much without reading, behind requests whose answers it would have to read first: then neither side
    goes on until the stall limit."""
    bodies = sum(ask.body.size * ask.body.count for ask in life.asks)
    return life.sending.is_pipelined and bodies > 64 << 10 and life.reading.kind not in ("all", "slow")


def _fault_of_watching(run: Run, told: str, place) -> str | None:
    """A stream goes on while its viewer reads; it may end when the viewer has ended its side."""
    life, answers = run.life, run.answers
    has_ended_own = life.behind or life.reading.half
    if _has_idled(run, place):
        return None
    if answers.whole and answers.whole[-1].status != 200:
        return None
    if has_ended_own:
        return None
    if not answers.has_head and not any(200 in ask.statuses for ask in life.asks):
        # A wrong key waits up to four seconds for its answer.
        return None
    if not answers.has_head:
        return f"no head of a stream{told}"
    if run.was_ended and life.end not in ("fin", "close_notify", "close_notify+fin", "stay"):
        return f"a stream was ended while its viewer read{told}"
    if life.chatter and answers.frames <= run.frames_before_chatter:
        return f"no frame came behind {life.chatter} bytes that its viewer had sent{told}"
    return None


def _fault_of_end(run: Run, told: str) -> str | None:
    if run.awaited_end and not run.was_ended:
        return f"the server did not end the connection{told}"
    return None


def _fault_of_frames(run: Run, told: str) -> str | None:
    for answer in run.answers.whole:
        if answer.stream and answer.status == 200 and answer.ask.frames > answer.stream.frames:
            return f"{answer.stream.frames} of {answer.ask.frames} frames came{told}"
    return None


def various(faults: list[tuple[Life, str]]) -> list[tuple[Life, str]]:
    """A few of them, the first of each kind before others of the same."""
    kinds = {fault[:24]: (life, fault) for life, fault in reversed(faults)}
    return [*kinds.values(), *(each for each in faults if each not in kinds.values())][:max(4, len(kinds))]
