# SPDX-License-Identifier: MIT
"""What the server's side does while lives go on; what takes time does so on a thread."""

import contextlib
import signal
import threading
import time
from collections.abc import Sequence

from plans import Happening
from served import Served
from settings import PATIENCE


class Happenings:
    """Those of one burst, each at its time. `fault` is the first that failed."""

    def __init__(self, served: Served, wanted: Sequence[Happening]):
        self._served = served
        self._wanted = sorted(wanted, key=lambda happening: happening.at)
        self._began = time.monotonic()
        self._threads: list[threading.Thread] = []
        self._stop = threading.Event()
        self.fault = ""

    def step(self):
        """Begins what is due."""
        while self._wanted and time.monotonic() - self._began >= self._wanted[0].at:
            self._begin(self._wanted.pop(0))

    def finish(self):
        """What is due later is left out, and what goes on comes to its end."""
        self._wanted.clear()
        self._stop.set()
        for thread in self._threads:
            thread.join(60 * PATIENCE)
        self._served.relay.reads_log.set()

    def _begin(self, happening: Happening):
        served = self._served
        if happening.kind == "reload":
            served.write_files(True)
            served.relay.signal(signal.SIGHUP)
        elif happening.kind == "mute":
            served.relay.reads_log.clear()
        elif happening.kind == "unmute":
            served.relay.reads_log.set()
        elif happening.kind == "drain":
            served.drain()
        else:
            work = {"frame": self._send_frames, "pressure": self._send_frames, "hand over": self._hand_over}
            thread = threading.Thread(target=self._work, args=(work[happening.kind], happening), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self, work, happening: Happening):
        try:
            work(happening)
        except BaseException as error:  # Kept for the thread that asks.
            self.fault = self.fault or f"{happening}: {error}"

    def _send_frames(self, happening: Happening):
        refused = 0
        for index in range(happening.count):
            with contextlib.suppress(OSError):
                refused += self._served.upload(happening.camera, happening.size) == 503
            if self._stop.wait(0.05):
                return
            if happening.kind == "pressure" and refused > 3 + (index + 1) // 20:
                self.fault = self.fault or f"{happening}: {refused} of {index + 1} uploads were answered 503"
                return

    def _hand_over(self, _: Happening):
        self._served.hand_over()
