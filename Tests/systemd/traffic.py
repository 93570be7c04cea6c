# SPDX-License-Identifier: MIT
"""What reaches the service during a test: cameras that must never be refused, and crowds."""

import contextlib
import selectors
import socket
import threading
import time

import pictures
from machine import PORT
from waiting import wait_until
from wire import ConnectionEnded, Wire


class Camera:
    """A camera that opens a new connection for each of its numbered frames, so that a closed port is noticed at once.

    Its first number is the one behind `after`.
    """

    def __init__(self, name: str = "", frames_per_second: float = 20, after: int = 0):
        self.number = after
        self.count = 0
        self.refused = 0
        self.failures: list[str] = []
        self.slowest = 0.0
        self._name = name
        self._interval = 1 / frames_per_second
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.wait_for(1)

    def _run(self):
        while not self._stop.wait(self._interval):
            self.number += 1
            started = time.monotonic()
            try:
                with Wire(PORT) as wire:
                    wire.upload(pictures.numbered(self.number), self._name, "Connection: close")
                    status = wire.response("POST").status
                if status == 200:
                    self.count += 1
                else:
                    self.failures.append(f"frame {self.number}: {status}")
            except ConnectionRefusedError:
                self.refused += 1
            except (OSError, ConnectionEnded) as failure:
                self.failures.append(f"frame {self.number}: {failure!r}")
            self.slowest = max(self.slowest, time.monotonic() - started)

    def wait_for(self, more: int, seconds: float = 20):
        """Waits until `more` further frames have been accepted."""
        wanted = self.count + more
        wait_until(lambda: self.count >= wanted, seconds, f"{more} frames to be accepted; {self.failures[-3:]}")

    def check_undisturbed(self):
        assert self.refused == 0, f"{self.refused} connections were refused"
        assert not self.failures, self.failures

    def stop(self):
        self._stop.set()
        self._thread.join(30)


class Audience:
    """Many viewers on one thread. They read what comes, count it, and note who was disconnected."""

    def __init__(self, count: int, target: str):
        self.received = [0] * count
        self.ended: set[int] = set()
        self._selector = selectors.DefaultSelector()
        self._sockets = []
        for index in range(count):
            viewer = socket.create_connection(("127.0.0.1", PORT), 10)
            viewer.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            viewer.setblocking(False)
            self._sockets.append(viewer)
            self._selector.register(viewer, selectors.EVENT_READ, index)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            for key, _ in self._selector.select(0.1):
                try:
                    data = key.fileobj.recv(1 << 18)
                except BlockingIOError:
                    continue
                except OSError:
                    data = b""
                self.received[key.data] += len(data)
                if not data:
                    self.ended.add(key.data)
                    self._selector.unregister(key.fileobj)

    def wait_for_frames(self, count: int, seconds: float):
        """Waits until each has received as many bytes as `count` further frames have, and nobody was disconnected."""
        wanted = [received + count * len(pictures.picture()) for received in self.received]

        def enough():
            assert not self.ended, f"{len(self.ended)} of {len(self.received)} viewers were disconnected"
            return all(now >= least for now, least in zip(self.received, wanted, strict=True))
        wait_until(enough, seconds, f"{count} frames for each viewer")

    def stop(self):
        self._stop.set()
        self._thread.join(5)
        for viewer in self._sockets:
            viewer.close()
        self._selector.close()


@contextlib.contextmanager
def crowd(count: int, addresses: int = 1):
    """Connections that say nothing, from as many addresses of the loopback network as asked for."""
    sockets = []
    try:
        for index in range(count):
            sockets.append(socket.create_connection(
                ("127.0.0.1", PORT), 10, source_address=(f"127.0.1.{1 + index % addresses}", 0)))
        yield sockets
    finally:
        for each in sockets:
            each.close()
