# SPDX-License-Identifier: MIT
"""A viewer that reads a stream byte by byte as docs/protocol.md has it, and a camera that sends numbered frames."""

import re
import socket
import threading
import time

import pictures
from settings import PATIENCE
from waiting import wait_until
from wire import ConnectionEnded, Wire

_PLAIN_HEAD = re.compile(
    rb"Content-Type: image/jpeg\r\nContent-Length: (\d+)\r\nX-Timestamp: \d{10}\.\d{6}\r\n\r\n")


class Stream:
    """The body of one /stream in its plain form. Any byte that should not be there fails the test."""

    def __init__(self, wire: Wire, target: str = "/stream", *fields: str, version: str = "1.1",
                 boundary: str = "frame"):
        self.wire = wire
        self.delimiter = b"--" + boundary.encode()
        self.body = bytearray()
        self.is_closed = False
        wire.request("GET", target, *fields, version=version)
        self.head = wire.head()
        assert self.head.status == 200, self.head
        # mjpg-streamer writes no blank, and neither does its address here.
        blank = " " if boundary == "frame" else ""
        wanted = f"multipart/x-mixed-replace;{blank}boundary={boundary}"
        assert self.head.headers["content-type"] == wanted, self.head
        self.is_chunked = self.head.headers.get("transfer-encoding") == "chunked"
        self._expect(self.delimiter + b"\r\n")

    def _fill(self):
        if self.is_chunked:
            chunk = self.wire.chunk()
            if not chunk:
                raise ConnectionEnded("the last chunk")
            self.body += chunk
        else:
            # What came together with the head is here already, perhaps all there is.
            if not self.wire.buffer:
                self.wire.fill()
            self.body += self.wire.take(len(self.wire.buffer))

    def _take(self, count: int) -> bytes:
        while len(self.body) < count:
            self._fill()
        taken = bytes(self.body[:count])
        del self.body[:count]
        return taken

    def _expect(self, wanted: bytes):
        found = self._take(len(wanted))
        assert found == wanted, f"{found!r} instead of {wanted!r}"

    def _is_closing(self) -> bool:
        """Whether a closing delimiter stands where a part's head would; a shutdown may send it behind a delimiter."""
        return self.body.removeprefix(b"\r\n").startswith(self.delimiter + b"--")

    def _finish(self):
        """Behind the closing delimiter there is a line end at most, and then the body's own end."""
        if self.is_chunked:
            while chunk := self.wire.chunk():
                self.body += chunk
        else:
            self.body += self.wire.rest()
        assert bytes(self.body) in (b"", b"\r\n"), f"behind the closing delimiter: {bytes(self.body[:100])!r}"

    def frame(self) -> bytes | None:
        """The next frame, or None behind the closing delimiter."""
        if self.is_closed:
            return None
        while b"\r\n\r\n" not in self.body and not self._is_closing():
            self._fill()
        if self._is_closing():
            self.body = self.body.removeprefix(b"\r\n").removeprefix(self.delimiter + b"--")
            self._finish()
            return None
        # A match keeps no copy of the bytes, which the next line removes.
        found = _PLAIN_HEAD.match(bytes(self.body[:200]))
        assert found, f"not a part's head: {bytes(self.body[:200])!r}"
        self._take(found.end())
        jpeg = self._take(int(found.group(1)))
        self._expect(b"\r\n" + self.delimiter)
        line_end = self._take(2)
        assert line_end in (b"\r\n", b"--"), f"behind the delimiter: {line_end!r}"
        if line_end == b"--":
            self._finish()
            self.is_closed = True
        return jpeg


class BrowserStream(Stream):
    """The body of a /stream in its browser form: a part's head goes out right behind the part before it."""

    _HEAD = b"Content-Type: image/jpeg\r\n\r\n"

    def __init__(self, wire: Wire, target: str = "/stream?advance_headers=1", *fields: str, **options):
        super().__init__(wire, target, *fields, **options)
        self._expect(self._HEAD)

    def frame(self) -> bytes | None:
        """The next frame, or None behind the closing delimiter."""
        if self.is_closed:
            return None
        mark = b"\r\n" + self.delimiter
        while (end := self.body.find(mark)) < 0 or len(self.body) < end + len(mark) + 2:
            self._fill()
        jpeg = self._take(end)
        self._expect(mark)
        line_end = self._take(2)
        if line_end == b"--":
            self._finish()
            self.is_closed = True
            # The part whose head was out already stays empty when the stream ends between two frames.
            return jpeg or None
        assert line_end == b"\r\n", f"behind the delimiter: {line_end!r}"
        self._expect(self._HEAD)
        return jpeg


class Watcher:
    """A viewer on a thread of its own. It keeps the numbers of its frames, and the first thing that went wrong."""

    def __init__(self, port: int, target: str = "/stream", form: type[Stream] = Stream, **options):
        self.numbers: list[int] = []
        self.failure: BaseException | None = None
        self.ended = False
        self.closed_well = False
        self._stopping = False
        self.wire = Wire(port)
        self.stream = form(self.wire, target, **options)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while (frame := self.stream.frame()) is not None:
                self.numbers.append(pictures.number_of(frame))
            self.closed_well = True
        except ConnectionEnded:
            pass
        except BaseException as failure:  # Kept for the test's own thread, which reports it.
            if not self._stopping:
                self.failure = failure
        self.ended = True

    def wait_for(self, count: int, seconds: float = 20):
        """Waits until `count` frames have come."""
        def enough():
            assert self.failure is None, self.failure
            return len(self.numbers) >= count
        wait_until(enough, seconds, lambda: f"{count} frames at a viewer, which has {len(self.numbers)}")

    def check_in_order(self):
        """Nothing torn, nothing twice, still there."""
        assert self.failure is None, self.failure
        assert not self.ended, f"the stream ended behind {self.numbers[-3:]}"
        numbers = list(self.numbers)
        assert numbers == sorted(set(numbers)), f"not in order: {numbers}"

    def check_undisturbed(self):
        """Nothing torn, nothing twice, nothing missing, still there."""
        self.check_in_order()
        numbers = list(self.numbers)
        # A relay that valgrind or a sanitizer makes slow may skip a frame, but never goes back.
        gaps = [(a, b) for a, b in zip(numbers, numbers[1:], strict=False) if b <= a or (b > a + 1 and PATIENCE == 1)]
        assert numbers and not gaps, f"not continuous: {gaps[:5]}"

    def stop(self):
        self._stopping = True
        # Only this wakes the thread, which may be waiting in recv.
        try:
            self.wire.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join(5)
        self.wire.close()


class Uploader:
    """A camera on a thread of its own: numbered frames over one connection, the next when the last is answered. `fields`
    are those of each request beside the usual ones."""

    def __init__(self, port: int, camera: str = "", frames_per_second: float = 10, fields: tuple[str, ...] = ()):
        self.count = 0
        self.failure: BaseException | None = None
        self._interval = 1 / frames_per_second
        self._camera = camera
        self._fields = fields
        self._stop = threading.Event()
        self.wire = Wire(port)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        wait_until(lambda: self.count > 0 or self.failure, 20, "the first frame's answer")

    def _run(self):
        next_at = time.monotonic()
        try:
            while not self._stop.wait(max(0, next_at - time.monotonic())):
                self.wire.upload(pictures.numbered(self.count + 1), self._camera, *self._fields)
                answer = self.wire.response("POST")
                assert answer.status == 200, answer
                self.count += 1
                # After a delay it does not hurry to make up for it: a viewer may skip what comes in a burst.
                next_at = time.monotonic() + self._interval
        except BaseException as failure:  # Kept for the test's own thread, which reports it.
            self.failure = failure

    def check_undisturbed(self):
        assert self.failure is None, self.failure

    def stop(self):
        self._stop.set()
        self._thread.join(10)
        self.wire.close()
