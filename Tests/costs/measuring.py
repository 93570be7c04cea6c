# SPDX-License-Identifier: MIT
"""What an input is, and how long it is sent: until the server's clock has gone on far enough to be read."""

import dataclasses
import time
from collections.abc import Callable, Sequence

from stage import Stage

# The kernel counts in hundredths of a second; of this many one more or less is 2 %.
ENOUGH_CPU_SECONDS = 0.5
MOST_SECONDS = 4


@dataclasses.dataclass
class Fed:
    """What one call of an input has sent: bytes, and in how many of its units."""

    received: int
    units: int


@dataclasses.dataclass(frozen=True)
class Input:
    """`feed` sends a bounded part of the input over connections to this port of this stage's relay, and returns when
    the server has dealt with it. `prepare` makes ready what it needs; that is not measured."""

    title: str
    unit: str
    feed: Callable[[Stage, int], Fed]
    # Over what: without TLS, with it, or both.
    ways: Sequence[bool] = (False, True)
    prepare: Callable[[Stage], None] = lambda stage: None
    flags: Sequence[str] = ()


@dataclasses.dataclass
class Cost:
    """CPU seconds of the server, and what it got for them; `wait` is the canary's longest one, `late` the longest that
    the machine let it wait by itself."""

    cpu: float
    received: int
    units: int
    wait: float
    late: float

    @property
    def per_byte(self) -> float:
        return self.cpu / self.received * 1e9

    @property
    def per_unit(self) -> float:
        return self.cpu / self.units * 1e6


def measure(stage: Stage, piece: Input, is_encrypted: bool, idle_share: float) -> Cost:
    """`idle_share` is what the relay spends on the canary and its own timers, which is nobody's input."""
    port = stage.port(is_encrypted)
    piece.prepare(stage)
    piece.feed(stage, port)
    stage.waits()
    cpu = stage.relay.cpu_seconds()
    began = time.monotonic()
    total = Fed(0, 0)
    while True:
        fed = piece.feed(stage, port)
        total.received += fed.received
        total.units += fed.units
        spent, elapsed = stage.relay.cpu_seconds() - cpu, time.monotonic() - began
        if spent >= ENOUGH_CPU_SECONDS or elapsed >= MOST_SECONDS:
            waits = stage.waits()
            return Cost(max(0.0, spent - idle_share * elapsed), total.received, total.units, waits["longest"],
                        waits["late"])


def measure_idle(stage: Stage, seconds: float = 2) -> tuple[float, Cost]:
    """The share of a processor that nobody's input takes, and the waits of a canary alone on this machine."""
    stage.waits()
    cpu, began = stage.relay.cpu_seconds(), time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(0.05)
    spent, elapsed = stage.relay.cpu_seconds() - cpu, time.monotonic() - began
    waits = stage.waits()
    return spent / elapsed, Cost(spent, 1, 1, waits["longest"], waits["late"])
