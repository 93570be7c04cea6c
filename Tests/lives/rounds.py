# SPDX-License-Identifier: MIT
"""Plays one round, and looks whether the relay is back to where it was."""

import contextlib
import pathlib
import threading
import time

from answers import Answers
from asks import Ask
from canaries import Canaries
from chorus import sing
from certificates import Pair
from engine import Engine, Gathering
from happenings import Happenings
from judge import fault_of, various
from life import Life
from outcome import Run
from plans import RIGHT, Burst, Round
from play import Player
from served import Served, wait_until_ended
from settings import PATIENCE, WRAPPER
from wire import ConnectionEnded

_MEBIBYTE = 1 << 20
_MOST_DURING_A_BURST = 200 * _MEBIBYTE
_MOST_LEFT = 24 * _MEBIBYTE
_IDLE_SHARE = 0.5
_MOST_LINES_A_SECOND = 2000
_COUNTED = tuple(f'evrelay_connections{{state="{state}"}}' for state in ("request", "stream", "upload", "wait"))


class Fault(Exception):
    """What this driver is there to find."""


class Stage:
    """One round under way. `began` are the words for all that was begun, in order."""

    def __init__(self, plan: Round, folder: pathlib.Path, pair: Pair):
        self.plan = plan
        self.began: list[str] = []
        self.served = Served(plan.settings, folder, pair)
        self._canaries: Canaries | None = None
        self._resident = 0
        self._highest = 0
        self._happenings: Happenings | None = None

    def play(self):
        """Raises Fault with the first that is found."""
        try:
            self._play()
        except (AssertionError, OSError, ConnectionEnded) as error:
            # What the driver itself asked the relay for.
            self._fail_with(f"{type(error).__name__}: {error}")

    def close(self):
        if self._canaries:
            self._canaries.stop()
        self.served.close()

    def _play(self):
        served = self.served
        served.upload_all()
        self._canaries = Canaries(served)
        self._warm_up()
        for index, burst in enumerate(self.plan.bursts):
            is_last = index == len(self.plan.bursts) - 1
            if burst.ends_relay:
                self._end_canaries()
            elif self.plan.settings.forgets:
                served.upload_all()
            self._play_burst(burst, self.plan.parked if index == 0 else ())
            if burst.ends_relay:
                break
            self._see_return(burst, is_last)
        self._end_canaries()
        self._see_end()

    def _end_canaries(self):
        if self._canaries:
            canaries, self._canaries = self._canaries, None
            fault = canaries.fault()
            canaries.stop()
            self._fail_with(fault)

    def _warm_up(self):
        """What a relay keeps for good once it has done each thing is no growth."""
        for transport in ("plain", "unix", "tls1.2", "tls1.3"):
            lives = [Life(0, transport, self._warm_asks()) for _ in range(10)]
            self._run(lives, 20)
        self._base = self._numbers()
        self._resident = self.served.relay.resident_bytes()

    def _warm_asks(self) -> tuple[Ask, ...]:
        key = f"?key={RIGHT}" if self.plan.settings.has_keys else ""
        return (Ask("/healthz", frozenset({200})), Ask(f"/snapshot/large{key}", frozenset({200}), "jpeg large"))

    def _run(self, lives, seconds: float, hold=contextlib.nullcontext) -> list[Run]:
        engine = Engine(self._tick)
        runs = [Run(life, Answers(life.asks * life.repeats, self._allowed_for(life))) for life in lives]
        singers = [run for run in runs if run.life.sings]
        first = (lambda: sing(singers, PATIENCE)) if singers else None
        groups = {life.group: Gathering(hold, 20 * PATIENCE, first) for life in lives if life.group}
        for run in runs:
            group = groups.get(run.life.group)
            engine.add(Player(run, self.served, group).play(), group)
        left = engine.run(time.monotonic() + seconds * PATIENCE)
        # On sockets that outlive the relay nobody answers any more.
        if left and not self.served.is_ending:
            raise Fault(f"{left} lives were not over after {seconds} s: "
                        + "; ".join(f"{run.life} ({run.state})" for run in runs if run.state != "gone")[:600])
        return runs

    def _allowed_for(self, life: Life):
        """Statuses that are right whatever was asked; who stops amid a request, or pauses, may be told so."""
        own = {400, 408} if life.sending.until < 1 else {408} if life.sending.kind != "whole" else set()
        return lambda: self.served.allowed() | own

    def _play_burst(self, burst: Burst, parked: tuple[Life, ...]):
        served = self.served
        self.began.append(f"burst {burst.family}: {len(burst.lives)} lives")
        self.began += [f"  {happening}" for happening in burst.happenings]
        self.began += [f"  {life}" for life in (*parked, *burst.lives)]
        served.fills_memory = burst.fills_memory or burst.upload_bytes > self.plan.settings.frame_memory // 4
        self._highest, self._happenings = 0, Happenings(served, burst.happenings)
        try:
            runs = self._run([*parked, *burst.lives], burst.seconds,
                             served.stopped if burst.in_one_turn else contextlib.nullcontext)
        finally:
            self._happenings.finish()
        self._fail_with(self._happenings.fault)
        faults = [(run.life, fault) for run in runs if (fault := fault_of(run, served))]
        if faults:
            self._fail_with(f"{len(faults)} of {len(runs)} lives\n  "
                            + "\n  ".join(f"{life}: {fault}" for life, fault in various(faults)))
        self._see_memory()

    def _tick(self):
        if not self.served.is_alive():
            raise Fault(self._how_it_ended())
        with contextlib.suppress(OSError):
            self._highest = max(self._highest, self.served.relay.resident_bytes())
        if self._happenings:
            self._happenings.step()
        if self._canaries:
            self._fail_with(self._canaries.fault())
        self._see_memory()

    def _how_it_ended(self) -> str:
        return f"the relay ended with status {self.served.relay.process.wait()}"

    def _fail_with(self, fault: str):
        if fault:
            # A canary that is not answered any more may be the first to see an end.
            if not self.served.is_ending and wait_until_ended(self.served.relay, 0.5) is not None:
                fault = f"{self._how_it_ended()}; {fault}"
            raise Fault(fault)

    def _see_memory(self):
        bound = self._resident + _MOST_DURING_A_BURST + self.plan.settings.frame_memory
        if self._resident and self._highest > bound and not WRAPPER:
            raise Fault(f"resident memory rose from {self._resident // _MEBIBYTE} to {self._highest // _MEBIBYTE} MiB")

    # What must be back.

    def _numbers(self) -> dict[str, float]:
        metrics = self.served.metrics()
        found = {name: metrics.get(name, 0) for name in _COUNTED}
        found["evrelay_viewers"] = metrics["evrelay_viewers"]
        found["descriptors"] = self.served.relay.descriptors()
        return found

    def _see_return(self, burst: Burst, is_last: bool):
        """Polls until everything is as it was, for as long as the longest time limit and a little more."""
        served, until = self.served, time.monotonic() + (self.served.longest_stay + 4) * PATIENCE
        above: dict = {}
        while True:
            if not served.is_alive():
                raise Fault(self._how_it_ended())
            self._fail_with(self._canaries.fault())
            numbers = self._numbers()
            # A canary between two connections, and a picture on its way, are one more or less.
            above = {name: (value, self._base[name]) for name, value in numbers.items()
                     if value > self._base[name] + (2 if name == "descriptors" else 1)}
            if not above:
                break
            if time.monotonic() > until:
                raise Fault(f"not back behind the burst {burst.family}: " + ", ".join(
                    f"{name} is {value:g}, was {base:g}" for name, (value, base) in above.items()))
            _pause(0.2)
        if served.has_handed_over:
            served.has_handed_over = False
            self._resident = served.relay.resident_bytes()
        self._fail_with(self._canaries.wait_for_frames(lambda: f"behind the burst {burst.family}"))
        self._see_log()
        if is_last:
            self._see_memory_back()
            self._see_idle()

    def _see_memory_back(self):
        held, until = 0.0, time.monotonic() + 5 * PATIENCE
        while not WRAPPER:
            frames = self.served.metrics()["evrelay_frame_memory_bytes"]
            held = self.served.relay.resident_bytes() - self._resident
            if held <= _MOST_LEFT + frames:
                return
            if time.monotonic() > until:
                raise Fault(f"resident memory is {held / _MEBIBYTE:.0f} MiB above that of the beginning, "
                            f"of which {frames / _MEBIBYTE:.0f} are frames")
            _pause(0.2)

    def _see_idle(self):
        """A loop that spins takes a whole core; canaries take some hundredths."""
        share = 0.0
        for _ in range(4):
            began, used = time.monotonic(), self.served.relay.cpu_seconds()
            _pause(0.8)
            share = (self.served.relay.cpu_seconds() - used) / (time.monotonic() - began)
            if share < _IDLE_SHARE * PATIENCE:
                return
        raise Fault(f"{share:.0%} of a core are used while nothing happens")

    def _see_log(self):
        if problems := self.served.relay.problems():
            raise Fault("log: " + "\n  ".join(problems[:20]))
        times = self.served.relay.line_times
        for index in range(_MOST_LINES_A_SECOND, len(times), 100):
            if times[index] - times[index - _MOST_LINES_A_SECOND] < 1:
                line = self.served.relay.lines[index]
                raise Fault(f"more than {_MOST_LINES_A_SECOND} lines of log in a second: {line}")

    def _see_end(self):
        """However the round was, the relay drains and ends well."""
        served = self.served
        if not served.is_ending:
            served.drain()
        status = wait_until_ended(served.relay, 15 * PATIENCE)
        if status is None:
            raise Fault("the relay did not end on SIGTERM")
        if status:
            raise Fault(f"the relay ended with status {status} when it was told to end")
        self._see_log()


def _pause(seconds: float):
    """Between two looks at what changes without an event of its own."""
    threading.Event().wait(seconds)
