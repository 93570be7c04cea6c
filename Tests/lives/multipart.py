# SPDX-License-Identifier: MIT
"""The body of a stream as docs/protocol.md has it, read from whatever pieces it comes in."""

import hashlib
import re

import images

_PLAIN = re.compile(rb"Content-Type: image/jpeg\r\nContent-Length: (\d{1,9})\r\nX-Timestamp: \d{10}\.\d{6}\r\n\r\n")
_BROWSER = b"Content-Type: image/jpeg\r\n\r\n"
_LONGEST_HEAD = 200


class WrongBytes(Exception):
    """Something came that nobody may ever be sent."""


class StreamBody:
    """Tells of each byte whether it may stand there, and of each frame whether it is whole. `frames` have come.
    `repetitions` of them are the one before again, which a relay sends while no other comes (--repeat-after), as in a
    restart that takes long; they do not count for `?frames=`."""

    def __init__(self, camera: str, boundary: str):
        self.frames = 0
        self.repetitions = 0
        self.is_closed = False
        self._latest = b""
        self._camera = camera
        self._buffer = bytearray()
        self._mark = b"\r\n--" + boundary.encode()
        self._searched = 0
        self._step = self._opening

    def feed(self, data: bytes):
        self._buffer += data
        while self._step():
            pass

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._searched = 0
        return taken

    def _expect(self, wanted: bytes, following) -> bool:
        if len(self._buffer) < len(wanted):
            if not wanted.startswith(self._buffer):
                raise WrongBytes(f"{bytes(self._buffer)!r} where {wanted!r} belongs in a stream")
            return False
        found = self._take(len(wanted))
        if found != wanted:
            raise WrongBytes(f"{found!r} where {wanted!r} belongs in a stream")
        self._step = following
        return True

    def _opening(self) -> bool:
        return self._expect(self._mark[2:] + b"\r\n", self._head)

    def _is_ending(self) -> bool:
        """A shutdown may put the closing delimiter where a part's head belongs."""
        return bytes(self._buffer[:80]).removeprefix(b"\r\n").startswith(self._mark[2:] + b"--")

    def _head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n", 0, _LONGEST_HEAD)
        if self._is_ending():
            self._take(len(self._buffer) - len(bytes(self._buffer).removeprefix(b"\r\n")) + len(self._mark))
            return self._finish()
        if end < 0:
            if len(self._buffer) >= _LONGEST_HEAD:
                raise WrongBytes(f"no part's head: {bytes(self._buffer[:_LONGEST_HEAD])!r}")
            return False
        head = self._take(end + 4)
        found = _PLAIN.fullmatch(head)
        if found:
            self._length = int(found.group(1))
            self._step = self._plain
        elif head == _BROWSER:
            self._step = self._browser
        else:
            raise WrongBytes(f"no part's head: {head!r}")
        return True

    def _plain(self) -> bool:
        if len(self._buffer) < self._length:
            return False
        self._see(self._take(self._length))
        self._step = self._delimiter
        return True

    def _browser(self) -> bool:
        end = self._buffer.find(self._mark, self._searched)
        if end < 0:
            self._searched = max(0, len(self._buffer) - len(self._mark))
            return False
        # The part whose head was out already stays empty when a stream ends between two frames.
        if jpeg := self._take(end):
            self._see(jpeg)
        self._step = self._delimiter
        return True

    def _see(self, jpeg: bytes):
        if fault := images.fault_of(self._camera, jpeg):
            raise WrongBytes(fault)
        digest = hashlib.sha256(jpeg).digest()
        self.frames += 1
        self.repetitions += digest == self._latest
        self._latest = digest

    def _delimiter(self) -> bool:
        return self._expect(self._mark, self._behind_delimiter)

    def _behind_delimiter(self) -> bool:
        if len(self._buffer) < 2:
            return False
        found = self._take(2)
        if found == b"\r\n":
            self._step = self._head
            return True
        if found != b"--":
            raise WrongBytes(f"{found!r} behind a delimiter")
        return self._finish()

    def _finish(self) -> bool:
        self.is_closed = True
        self._step = self._nothing_more
        return True

    def _nothing_more(self) -> bool:
        if bytes(self._buffer) not in (b"", b"\r", b"\r\n"):
            raise WrongBytes(f"behind a stream's end: {bytes(self._buffer[:80])!r}")
        return False
