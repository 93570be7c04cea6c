# SPDX-License-Identifier: MIT
"""A life of a connection as it is drawn, before anything has happened: all that a replay needs."""

import dataclasses

from asks import Ask

# How a client's side may end right behind its last byte, or later.
ENDS = ("leave", "fin", "reset", "close_notify", "close_notify+fin")


@dataclasses.dataclass(frozen=True)
class Sending:
    """`whole`; `cut` at a share of the bytes, with a pause there; `drip` in pieces with pauses between."""

    kind: str = "whole"
    share: float = 0.5
    pause: float = 0.1
    pieces: int = 1
    # All requests in one go, or each when the one before is answered.
    is_pipelined: bool = False
    # Only so much of what is to be sent is sent: the client goes in the middle of it.
    until: float = 1.0


@dataclasses.dataclass(frozen=True)
class Reading:
    """`all`; `slow` in small pieces; `never` for `hold` seconds; `head` only; `stop` after `count` bytes for `hold`
    seconds, with the end `half` of its own side then, before it goes on."""

    kind: str = "all"
    count: int = 1000
    hold: float = 0.3
    half: str = ""


@dataclasses.dataclass(frozen=True)
class Life:
    number: int
    transport: str
    asks: tuple[Ask, ...]
    sending: Sending = Sending()
    # The end of its own side right behind the last byte; empty for none.
    behind: str = ""
    reading: Reading = Reading()
    # How it goes when it has read what it wanted; `stay` waits until the server ends the connection.
    end: str = "leave"
    start: float = 0.0
    # The number of its group, whose members send in the same turn; 0 for none.
    group: int = 0
    # How often all requests are sent again, over the same connection.
    repeats: int = 1
    # Whether its group asks again in the very moment when the last one was answered.
    sings: bool = False
    receive_buffer: int = 0
    # Whether its right may end, or its camera vanish, while it lasts.
    is_fragile: bool = False
    # Behind the first frame of a stream it sends so many bytes, which nobody asked for.
    chatter: int = 0
    # So many changes of TLS 1.3 keys instead of any request.
    key_updates: int = 0
    # Whether it stays for a bound of its own instead of its burst's.
    is_parked: bool = False

    @property
    def reads_to_the_end(self) -> bool:
        return self.reading.kind in ("all", "slow", "stop")

    @property
    def must_be_answered(self) -> bool:
        """Whether all of its requests are sent whole, and somebody is there to read the answers."""
        return self.sending.until == 1 and self.behind != "reset" and self.reads_to_the_end and not self.key_updates

    def __str__(self):
        asks = [str(ask) for ask in self.asks]
        same = f"{len(asks)} x {asks[0]}" if len(set(asks)) == 1 and len(asks) > 1 else "; ".join(asks[:4])
        more = f"; and {len(asks) - 4} more" if len(set(asks)) > 1 and len(asks) > 4 else ""
        words = [f"#{self.number}", self.transport, f"[{same}{more}]", self._sending(), self._reading()]
        if self.key_updates:
            words.append(f"{self.key_updates} KeyUpdate records")
        if self.group:
            words.append(f"together in group {self.group}")
        if self.repeats > 1:
            words.append(f"{self.repeats} times{', as soon as the last one was answered' if self.sings else ''}")
        if self.start:
            words.append(f"after {self.start:.2f} s")
        if self.receive_buffer:
            words.append(f"receive buffer {self.receive_buffer}")
        if self.chatter:
            words.append(f"sends {self.chatter} bytes behind the first frame")
        return ", ".join(word for word in [*words, f"end: {self.end}"] if word)

    def _sending(self) -> str:
        kind = self.sending.kind
        if kind == "cut":
            kind = f"cut at {self.sending.share:.3f} for {self.sending.pause:.2f} s"
        elif kind == "drip":
            kind = f"drip in {self.sending.pieces} pieces"
        pipelined = " pipelined" if self.sending.is_pipelined and len(self.asks) > 1 else ""
        until = f" but only {self.sending.until:.3f} of it" if self.sending.until < 1 else ""
        return f"sent {kind}{pipelined}{until}" + (f", {self.behind} right behind" if self.behind else "")

    def _reading(self) -> str:
        kind = self.reading.kind
        if kind == "stop":
            half = f", then {self.reading.half}" if self.reading.half else ""
            kind = f"{self.reading.count} bytes, stop for {self.reading.hold:.2f} s{half}, go on"
        elif kind == "never":
            kind = f"nothing for {self.reading.hold:.2f} s"
        return f"read {kind}"
