# SPDX-License-Identifier: MIT
"""Those who must notice nothing: a viewer, a camera, and visitors who want an answer within a second."""

import threading
import time
from collections.abc import Callable

import pictures
from plans import RIGHT
from served import Served
from settings import PATIENCE
from viewer import Watcher
from waiting import wait_until
from wire import ConnectionEnded, Wire

_LATE, _MUCH_TOO_LATE = 1.0 * PATIENCE, 3.0 * PATIENCE
# Two late answers within this time are no mishap of a shared machine.
_MEMORY_SECONDS = 10
_VISITORS = 6
# More frames than this in a row are skipped by nobody who reads.
_LONGEST_GAP = 20
_FRAMES_A_SECOND = 10


class _Canary:
    """A thread of its own; `fault` is the first thing that went wrong."""

    def __init__(self, served: Served):
        self.served = served
        self.fault = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            self.live()
        except BaseException as error:  # Kept for the thread that asks.
            self.complain(f"{type(error).__name__}: {error}")

    def complain(self, text: str):
        if not self._stop.is_set():
            self.fault = self.fault or f"canary {type(self).__name__}: {text}"

    def live(self):
        raise NotImplementedError

    def stop(self):
        self._stop.set()
        self._thread.join(25 * PATIENCE)


class Camera(_Canary):
    """Numbered frames to `canary`, each of which must be accepted."""

    def live(self):
        self.count = 0
        self.refusals = 0
        self._wire: Wire | None = None
        due = time.monotonic()
        while not self._stop.wait(max(0, due - time.monotonic())):
            self._send()
            # After a delay it does not hurry to make up for it: a viewer may skip what comes in a burst.
            due = time.monotonic() + 1 / _FRAMES_A_SECOND
        if self._wire:
            self._wire.close()

    def _send(self):
        began = time.monotonic()
        try:
            self._wire = self._wire or Wire(self.served.plain_port, timeout=15 * PATIENCE)
            self._wire.upload(pictures.numbered(self.count + 1), "canary", *self.served.own_fields)
            answer = self._wire.response("POST")
        except (ConnectionEnded, ConnectionError) as error:
            self._wire = self._wire and self._wire.close()
            self._see_refusal(f"no answer: {error!r}")
            return
        if answer.headers.get("connection") == "close":
            self._wire = self._wire.close()
        if answer.status == 200:
            self.count += 1
            self.served.see_sequence("canary", answer.json()["sequence"])
            self.refusals = max(0, self.refusals - 0.2)
        elif answer.status == 503:
            self._see_refusal(f"{answer.status} {answer.json()['reason']}")
        else:
            self.complain(f"upload answered {answer.status} {answer.body[:200]!r}")
        if time.monotonic() - began > _MUCH_TOO_LATE and not self.served.has_handed_over:
            self.complain(f"an upload took {time.monotonic() - began:.1f} s")

    def _see_refusal(self, text: str):
        """Uploads are refused last; when it happens again and again, that is a fault."""
        self.refusals += 1
        if self.refusals > 3 and not self.served.is_ending:
            self.complain(f"uploads are refused again and again: {text}")


class Viewer:
    """Sees every frame of `canary` whole and in order, and goes on over a reload: it has shown its key."""

    def __init__(self, served: Served):
        self.served = served
        key = f"?key={RIGHT}" if served.settings.has_keys else ""
        self._watcher = Watcher(served.plain_port, f"/stream/canary{key}")
        self._watcher.wait_for(3)

    @property
    def fault(self) -> str:
        watcher = self._watcher
        if watcher.failure is not None:
            return f"canary Viewer: {watcher.failure!r}"
        if watcher.ended and not self.served.is_ending:
            return f"canary Viewer: its stream was ended behind frame {watcher.numbers[-1:]}"
        numbers = watcher.numbers[-200:]
        for before, after in zip(numbers, numbers[1:], strict=False):
            # A still scene is repeated, and so is a camera that the machine has held up.
            if after < before or after - before > _LONGEST_GAP * PATIENCE:
                return f"canary Viewer: frame {after} came behind {before}"
        return ""

    @property
    def count(self) -> int:
        return len(self._watcher.numbers)

    def stop(self):
        self._watcher.stop()


class Visitors(_Canary):
    """Over connections of their own, some with TLS, so that each loop has one of them. `slowest` is kept."""

    def live(self):
        self.slowest = 0.0
        self._late: list[float] = []
        wires: list[Wire | None] = [None] * _VISITORS
        while not self._stop.wait(0.1):
            for index in range(_VISITORS):
                if not self._stop.is_set():
                    wires[index] = self._visit(wires[index], index)
        for wire in wires:
            if wire:
                wire.close()

    def _visit(self, wire: Wire | None, index: int) -> Wire | None:
        began = time.monotonic()
        is_new = wire is None
        try:
            wire = wire or Wire(self.served.tls_port if index % 2 else self.served.plain_port, timeout=10 * PATIENCE)
            wire.request("GET", "/healthz")
            answer = wire.response()
        except (ConnectionEnded, ConnectionError) as error:
            if is_new and not self._may_be_refused:
                self._see_late(time.monotonic() - began, f"{error!r}")
            return wire.close() if wire else None
        except TimeoutError:
            if not self.served.is_ending and not self.served.has_handed_over:
                self.complain(f"GET /healthz has no answer after {time.monotonic() - began:.1f} s")
            return wire.close() if wire else None
        if answer.status != 200 and not self._may_be_refused:
            self.complain(f"GET /healthz answered {answer.status} {answer.body[:200]!r}")
        self._see_late(time.monotonic() - began)
        return wire.close() if answer.headers.get("connection") == "close" else wire

    @property
    def _may_be_refused(self) -> bool:
        return self.served.is_ending or self.served.has_handed_over or bool(self.served.settings.low_limit)

    def _see_late(self, seconds: float, why: str = ""):
        self.slowest = max(self.slowest, seconds)
        now = time.monotonic()
        if self.served.has_handed_over:
            return
        if seconds > _LATE or why:
            self._late = [at for at in self._late if now - at < _MEMORY_SECONDS] + [now]
        if seconds > _MUCH_TOO_LATE or len(self._late) > 1:
            self.complain(f"GET /healthz took {seconds:.1f} s {why}".rstrip())
            self._late.clear()


class Canaries:
    """All of them, from a round's beginning to its end."""

    def __init__(self, served: Served):
        self._camera = Camera(served)
        wait_until(lambda: getattr(self._camera, "count", 0) > 1 or self._camera.fault, 20 * PATIENCE, "first frames")
        self._viewer = Viewer(served)
        self._visitors = Visitors(served)

    def fault(self) -> str:
        return self._camera.fault or self._viewer.fault or self._visitors.fault

    def wait_for_frames(self, tell: Callable[[], str]) -> str:
        """The viewer gets more frames; otherwise what is wrong."""
        seen = self._viewer.count
        try:
            wait_until(lambda: self._viewer.count > seen + 2 or self.fault(), 10 * PATIENCE)
        except AssertionError:
            return f"canary Viewer: no frame came for 10 s {tell()}"
        return self.fault()

    @property
    def slowest(self) -> float:
        return self._visitors.slowest

    def stop(self):
        for canary in (self._visitors, self._viewer, self._camera):
            canary.stop()
