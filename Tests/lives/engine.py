# SPDX-License-Identifier: MIT
"""Runs hundreds of lives on one thread: each is a generator that yields what it waits for."""

import contextlib
import dataclasses
import selectors
import time
from collections.abc import Callable, Generator

from transports import Link

_TICK = 0.05


@dataclasses.dataclass
class Wait:
    """Until the socket is ready for one of these, or until the time `until`; without a link only for the time."""

    until: float
    link: Link | None = None
    read: bool = False
    write: bool = False


class Gathering:
    """Lives that go on together, when all of them have come to the same point. `hold` is entered around it: whoever
    stops the server there makes it find everything in one turn of its loop."""

    def __init__(self, hold: Callable[[], contextlib.AbstractContextManager], seconds: float,
                 first: Callable[[], None] | None = None):
        self.hold = hold
        # What is done when all have come, before they go on.
        self.first = first
        self.members = 0
        self.arrived: list["_Task"] = []
        self._seconds = seconds
        self.since = 0.0

    def is_over(self, now: float) -> bool:
        """Whether all are here, or nobody waits any longer for the rest."""
        return bool(self.arrived) and (len(self.arrived) >= self.members or now - self.since > self._seconds)


Life = Generator[Wait | Gathering, None, None]


@dataclasses.dataclass(eq=False)
class _Task:
    life: Life
    gathering: Gathering | None
    waits: Wait | None = None
    registered: Link | None = None


class Engine:
    """`on_tick` is called twenty times a second and may end everything by raising."""

    def __init__(self, on_tick: Callable[[], None]):
        self._on_tick = on_tick
        self._selector = selectors.DefaultSelector()
        self._tasks: list[_Task] = []
        self._next_tick = 0.0

    def add(self, life: Life, gathering: Gathering | None = None):
        if gathering:
            gathering.members += 1
        self._tasks.append(_Task(life, gathering))

    def run(self, until: float) -> int:
        """Until all lives are over, or until this time; how many were not over then."""
        try:
            for task in list(self._tasks):
                self._step(task)
            while self._tasks and time.monotonic() < until:
                self._turn()
            return len(self._tasks)
        finally:
            for task in self._tasks:
                task.life.close()
            self._tasks.clear()
            self._selector.close()

    def _turn(self):
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + _TICK
            self._on_tick()
        for gathering in {task.gathering for task in self._tasks if task.gathering}:
            if gathering.is_over(now):
                self._release(gathering)
        first = min((task.waits.until for task in self._tasks if task.waits), default=now + _TICK)
        ready = {key.data for key, _ in self._selector.select(max(0, min(first, self._next_tick) - now))}
        now = time.monotonic()
        for task in [task for task in self._tasks if task in ready or (task.waits and task.waits.until <= now)]:
            self._step(task)

    def _release(self, gathering: Gathering):
        arrived, gathering.arrived = gathering.arrived, []
        if gathering.first:
            gathering.first()
        with gathering.hold():
            for task in arrived:
                self._step(task)

    def _step(self, task: _Task):
        self._forget(task)
        task.waits = None
        try:
            wanted = next(task.life)
        except StopIteration:
            self._tasks.remove(task)
            if task.gathering:
                task.gathering.members -= 1
            return
        if isinstance(wanted, Gathering):
            wanted.since = wanted.since if wanted.arrived else time.monotonic()
            wanted.arrived.append(task)
            return
        task.waits = wanted
        events = selectors.EVENT_READ * wanted.read | selectors.EVENT_WRITE * wanted.write
        if wanted.link and events and not wanted.link.is_closed:
            self._selector.register(wanted.link.socket, events, task)
            task.registered = wanted.link

    def _forget(self, task: _Task):
        if task.registered:
            self._selector.unregister(task.registered.socket)
            task.registered = None
