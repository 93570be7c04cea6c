# SPDX-License-Identifier: MIT
"""A camera that lives through restarts: what was not accepted it sends again, over a new connection."""

import threading

import pictures
from waiting import wait_until
from wire import ConnectionEnded, Wire


class SteadyCamera:
    """Sends numbered frames on a thread of its own, each until it is accepted."""

    def __init__(self, port: int, camera: str = "", frames_per_second: float = 20):
        self.count = 0
        self.failure: BaseException | None = None
        self._port = port
        self._camera = camera
        self._interval = 1 / frames_per_second
        self._wire: Wire | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.wait_for(1)

    def _run(self):
        try:
            while not self._stop.wait(self._interval):
                if self._is_accepted(pictures.numbered(self.count + 1)):
                    self.count += 1
        except BaseException as failure:  # Kept for the test's own thread, which reports it.
            self.failure = failure

    def _is_accepted(self, frame: bytes) -> bool:
        try:
            self._wire = self._wire or Wire(self._port)
            self._wire.upload(frame, self._camera)
            answer = self._wire.response("POST")
        except (ConnectionEnded, ConnectionError):
            return self._give_up_connection()
        assert answer.status in (200, 503), answer
        if answer.headers.get("connection") == "close":
            self._give_up_connection()
        return answer.status == 200

    def _give_up_connection(self) -> bool:
        if self._wire:
            self._wire.close()
        self._wire = None
        return False

    def wait_for(self, count: int):
        """Waits until this many frames were accepted."""
        wait_until(lambda: self.count >= count or self.failure, 20, f"{count} accepted frames")
        self.check_undisturbed()

    def check_undisturbed(self):
        assert self.failure is None, self.failure

    def stop(self):
        self._stop.set()
        self._thread.join(20)
        self._give_up_connection()
