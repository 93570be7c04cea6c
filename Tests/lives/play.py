# SPDX-License-Identifier: MIT
"""Plays one life on one connection, as a generator for the engine. What it was answered is judged elsewhere."""

import math
import time
from collections.abc import Sequence

from asks import Ask
from engine import Gathering, Wait
from flood import Flood
from multipart import WrongBytes
from outcome import Run
from reader import Steps
from transports import Link


class Player(Flood):
    """`place` is where the relay is: its addresses, contexts, sequence numbers and how patient one has to be."""

    def __init__(self, run: Run, place, gathering: Gathering | None):
        super().__init__(run, place)
        self.gathering = gathering

    def play(self) -> Steps:
        try:
            if self.life.start:
                yield Wait(time.monotonic() + self.life.start)
            yield from self._connect()
            if self.run.state != "connected":
                return
            if self.life.key_updates:
                yield from self.flood(self.gathering)
            else:
                yield from self._live()
        except WrongBytes as error:
            self.run.wrong = str(error)
        finally:
            if self.run.link and not self.run.link.is_closed:
                self.run.link.close()

    def _connect(self) -> Steps:
        self.run.state = "connecting"
        address, context = self.place.address(self.life.transport)
        until = self._within(15)
        while True:
            self.run.link = link = Link(address, None if self.life.key_updates else context, self.place.source,
                                        self.life.receive_buffer)
            yield Wait(until, link, write=True)
            if link.has_connected() or link.ended or time.monotonic() > until:
                break
            # A backlog is full, or nobody listens for a moment.
            link.close()
            yield Wait(time.monotonic() + 0.05)
        self.run.state = "shaking hands"
        while not link.shake_hands():
            if link.ended or time.monotonic() > until:
                return
            is_sent = link.flush()
            yield Wait(until, link, read=True, write=not is_sent)
        link.flush()
        self.run.state = "connected"

    def _live(self) -> Steps:
        asks = self.life.asks
        if self.life.sings:
            self.run.state = "waiting for its group"
            yield self.gathering
            self.run.state = "sang"
            yield from self._read(self.life.repeats, True)
            yield from self._go()
            return
        for turn in range(self.life.repeats):
            if self.run.link.ended:
                break
            is_last = turn == self.life.repeats - 1
            if self.life.sending.is_pipelined or len(asks) == 1:
                yield from self._exchange(asks, is_last, (turn + 1) * len(asks))
                continue
            for index, ask in enumerate(asks):
                if self.run.link.ended or self.run.link.is_closed:
                    break
                yield from self._exchange([ask], is_last and index == len(asks) - 1, turn * len(asks) + index + 1)
        if not self.run.link.is_closed:
            yield from self._go()

    def _exchange(self, asks: Sequence[Ask], is_last: bool, target: int) -> Steps:
        life, link = self.life, self.run.link
        data = b"".join(ask.encoded(self.place.sequence(ask.waits_for), self.place.next_number()) for ask in asks)
        if life.sending.until < 1:
            data = data[:int(len(data) * life.sending.until)]
        pieces = list(self._pieces(data))
        # Before the group sends: then it takes no time for each of them.
        self._seal(pieces[0] if pieces else b"", is_last and len(pieces) < 2)
        if self.gathering:
            self.run.state = "waiting for its group"
            since = time.monotonic()
            yield self.gathering
            self.run.idle_seconds = max(self.run.idle_seconds, time.monotonic() - since)
        self.run.state = "sending"
        for index, piece in enumerate(pieces):
            is_end = is_last and index == len(pieces) - 1
            if index:
                yield from self._pause(life.sending.pause)
                self._seal(piece, is_end)
            yield from self._push(target)
            if is_end:
                self.run.has_sent_all = not link.refused
                if life.behind.endswith("fin"):
                    link.half_close()
                elif life.behind == "reset":
                    link.reset()
                    return
        self.run.state = "reading"
        yield from self._read(target, is_last)

    def _seal(self, piece: bytes, is_end: bool):
        self.run.link.queue(piece)
        if is_end and "close_notify" in self.life.behind:
            self.run.link.queue_close_notify()

    def _pieces(self, data: bytes):
        sending = self.life.sending
        if sending.kind == "cut":
            at = max(1, int(len(data) * sending.share))
            return [piece for piece in (data[:at], data[at:]) if piece]
        size = max(1, math.ceil(len(data) / sending.pieces)) if sending.kind == "drip" else max(1, len(data))
        return [data[start:start + size] for start in range(0, len(data), size)]

    def _pause(self, seconds: float) -> Steps:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.life.reading.kind == "all":
                self._take()
            yield Wait(until)

    def _push(self, target: int) -> Steps:
        """Sends what is queued; whoever reads, reads meanwhile, so that neither side waits for the other."""
        until = self._within(20)
        does_read = self.life.reading.kind in ("all", "slow")
        while not self.run.link.flush() and time.monotonic() < until:
            if does_read and (self._take() or self.run.answers.is_complete):
                does_read = False
            yield Wait(until, self.run.link, read=does_read, write=True)

    def _end_own_side(self, how: str):
        link = self.run.link
        if how.startswith("close_notify"):
            link.queue_close_notify()
            link.flush()
        if how.endswith("fin"):
            link.half_close()

    def _go(self) -> Steps:
        life, answers = self.life, self.run.answers
        self.run.state = "going"
        if life.end == "reset":
            self.run.link.reset()
            return
        last = answers.whole[-1] if answers.whole else None
        must_end = last and len(answers.whole) and (last.ask.closes or "close" in last.fields.get("connection", ""))
        if life.end != "leave":
            self._end_own_side(life.end)
        has_ended_own = life.end in ("fin", "close_notify+fin") or life.behind or life.reading.half
        if life.reads_to_the_end and (must_end or has_ended_own or life.end == "stay"):
            self.run.state = "waiting for the end"
            self.run.awaited_end = True
            # An end that was asked for comes at once, not only when the connection has been idle for long enough.
            seconds = 1.0 if must_end and life.end != "stay" else self.place.longest_stay
            yield from self._read_until(lambda: False, self._within(seconds))
        self.run.state = "gone"
