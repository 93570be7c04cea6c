# SPDX-License-Identifier: MIT
"""The ways in which a life reads its answers, or does not."""

import time
from collections.abc import Generator

from engine import Gathering, Wait
from outcome import Run

# Text of four bytes, masked with zeros as a client must.
_MESSAGE = b"\x81\x84\0\0\0\0mmmm"
_SLOW_SECONDS = 0.8
Steps = Generator[Wait | Gathering, None, None]


class Reader:
    """The half of a player that reads; `place` is where the relay is, and how patient one has to be there."""

    def __init__(self, run: Run, place):
        self.run, self.life, self.place = run, run.life, place
        self._is_drained = True

    def _within(self, seconds: float) -> float:
        return time.monotonic() + seconds * self.place.patience

    def _push(self, target: int) -> Steps:
        raise NotImplementedError

    def _end_own_side(self, how: str):
        raise NotImplementedError

    def _take(self, most: int = 1 << 18) -> bool:
        """Reads what is there; True at the end of it all."""
        link, left = self.run.link, most
        self._is_drained = True
        while (data := link.read(min(left, 1 << 18))) is not None:
            self.run.answers.feed(data)
            if not data:
                self.run.answers.end()
                return True
            left -= len(data)
            # A stream may be faster than its reader: the others want to read, too.
            if left <= 0:
                self._is_drained = False
                break
        return False

    def _has_enough(self, target: int) -> bool:
        answers = self.run.answers
        if answers.begun and answers.begun.status == 101:
            return len(answers.begun.body) > 5
        return len(answers.whole) >= target or bool(answers.whole and answers.is_complete)

    def _read(self, target: int, is_last: bool) -> Steps:
        """Its own way to read is kept for the last of its requests; before, it reads what it needs to go on."""
        reading = self.life.reading
        if not is_last:
            if reading.kind != "never":
                yield from self._read_all(target)
        elif reading.kind == "never":
            yield Wait(time.monotonic() + reading.hold)
        elif reading.kind == "head":
            yield from self._read_until(lambda: self.run.answers.has_head, self._within(10))
        else:
            if reading.kind == "slow":
                yield from self._read_slowly(target)
            elif reading.kind == "stop":
                yield from self._read_and_stop(target)
            yield from self._read_all(target)

    def _read_until(self, is_enough, until: float) -> Steps:
        while not is_enough():
            if self._take():
                self.run.was_ended = True
                return
            if is_enough() or time.monotonic() > until:
                return
            # What TLS has taken from the socket already, no socket tells of.
            yield Wait(until if self._is_drained else time.monotonic(), self.run.link, read=True)

    def _read_all(self, target: int) -> Steps:
        ask = self.life.asks[min(target, len(self.life.asks)) - 1]
        if ask.is_endless:
            yield from self._watch()
            return
        if ask.content == "socket":
            yield from self._read_until(lambda: self.run.answers.has_head, self._within(10))
            if self.run.answers.begun and self.run.answers.begun.status == 101 and not self.run.was_ended \
                    and "fin" not in self.life.behind and not self.life.behind:
                self.run.link.queue(_MESSAGE)
                yield from self._push(target)
        # A long poll takes its 25 seconds.
        until = self._within(32 if any(each.waits_for for each in self.life.asks) else 15)
        yield from self._read_until(lambda: self._has_enough(target), until)
        self.run.has_waited_in_vain = not self._has_enough(target) and not self.run.was_ended

    def _watch(self) -> Steps:
        answers = self.run.answers
        # However busy the machine is, a viewer waits for the beginning.
        yield from self._read_until(lambda: answers.has_head or bool(answers.whole), self._within(10))
        until = time.monotonic() + self.life.reading.hold
        if self.life.chatter:
            yield from self._read_until(lambda: answers.frames > 0 or answers.whole, self._within(5))
            self.run.frames_before_chatter = answers.frames
            if not self.run.was_ended and not answers.whole:
                self.run.link.queue(b"?" * self.life.chatter)
                yield from self._push(1)
            wanted = answers.frames + 3
            yield from self._read_until(lambda: answers.frames >= wanted or answers.whole, self._within(5))
            return
        yield from self._read_until(lambda: bool(answers.whole), until)

    def _read_slowly(self, target: int) -> Steps:
        until = time.monotonic() + _SLOW_SECONDS
        while time.monotonic() < until and not self._has_enough(target):
            if self._take(4096):
                self.run.was_ended = True
                return
            yield Wait(time.monotonic() + 0.03)

    def _read_and_stop(self, target: int) -> Steps:
        link, reading, until = self.run.link, self.life.reading, self._within(10)
        while link.received < reading.count and time.monotonic() < until and not self.run.was_ended:
            if self._take(reading.count - link.received):
                self.run.was_ended = True
            elif self._has_enough(target):
                break
            else:
                yield Wait(until if self._is_drained else time.monotonic(), link, read=True)
        yield Wait(time.monotonic() + reading.hold)
        self._end_own_side(reading.half)
        yield from self._push(0)
