# SPDX-License-Identifier: MIT
"""Reads the answers of one connection from whatever pieces they come in, and checks each byte of them."""

import re
from collections.abc import Callable, Collection, Sequence

from asks import Ask
from contents import Answer, check
from multipart import StreamBody, WrongBytes

_STATUS_LINE = re.compile(r"HTTP/(1\.[01]) (\d{3}) [ -~]*")
_FIELD = re.compile(r"([A-Za-z0-9-]+): *([^\r\n]*)")
_BOUNDARY = re.compile(r"multipart/x-mixed-replace; ?boundary=([a-z]+)")
_LONGEST_HEAD = 16384


def _fields(lines: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if not found:
            raise WrongBytes(f"no header field: {line[:200]!r}")
        name = found.group(1).lower()
        if name in fields and name != "www-authenticate":
            raise WrongBytes(f"a header field twice: {line[:200]!r}")
        fields[name] = found.group(2).strip()
    return fields


class Answers:
    """`whole` are the answers that have come completely, `begun` the one under way. `allowed` are statuses that are
    right for every request now, since a limit is reached or the server ends."""

    def __init__(self, asks: Sequence[Ask], allowed: Callable[[], Collection[int]]):
        self.asks = asks
        self.whole: list[Answer] = []
        self.begun: Answer | None = None
        self._allowed = allowed
        self._buffer = bytearray()
        self._left = 0
        self._step = self._head

    @property
    def is_complete(self) -> bool:
        """Whether nothing more has to come."""
        return len(self.whole) == len(self.asks) or bool(self.whole and self.whole[-1].says_close)

    @property
    def has_head(self) -> bool:
        return bool(self.whole or self.begun)

    @property
    def frames(self) -> int:
        return sum(each.stream.frames for each in [*self.whole, self.begun] if each and each.stream)

    def feed(self, data: bytes):
        self._buffer += data
        while self._step():
            pass

    def end(self):
        """The other side sends nothing more."""
        if self.begun and self._step == self._until_end:
            self._finish()

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _head(self) -> bool:
        if not self._buffer:
            return False
        if len(self.whole) >= len(self.asks):
            raise WrongBytes(f"an answer too many: {bytes(self._buffer[:300])!r}")
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _LONGEST_HEAD or not b"HTTP/1.".startswith(self._buffer[:7]):
                raise WrongBytes(f"no head of an answer: {bytes(self._buffer[:300])!r}")
            return False
        lines = self._take(end + 4)[:-4].decode("latin-1").split("\r\n")
        found = _STATUS_LINE.fullmatch(lines[0])
        if not found:
            raise WrongBytes(f"no status line: {lines[0][:300]!r}")
        answer = Answer(self.asks[len(self.whole)], found.group(1), int(found.group(2)), _fields(lines[1:]))
        if answer.status == 100:
            return True
        self._begin(answer)
        return True

    def _begin(self, answer: Answer):
        ask = answer.ask
        if answer.status not in ask.statuses and answer.status not in self._allowed():
            raise WrongBytes(f"status {answer.status} for {ask}; right would be {sorted(ask.statuses)}; "
                             f"{bytes(self._buffer[:200])!r}")
        self.begun = answer
        if answer.status == 200 and ask.content.startswith("stream") and ask.method == "GET":
            found = _BOUNDARY.fullmatch(answer.fields.get("content-type", ""))
            if not found:
                raise WrongBytes(f"no stream's head: {answer.fields}")
            answer.stream = StreamBody(ask.content.partition(" ")[2], found.group(1))
        length = answer.fields.get("content-length", "")
        if answer.status == 101:
            self._step = self._until_end
        elif ask.wants_no_body or answer.status in (204, 304):
            self._finish()
        elif answer.fields.get("transfer-encoding") == "chunked":
            self._step = self._chunk_size
        elif length:
            if not length.isdigit():
                raise WrongBytes(f"Content-Length {length!r}")
            self._left, self._step = int(length), self._counted
        else:
            self._step = self._until_end

    def _give(self, data: bytes):
        if self.begun.stream:
            self.begun.stream.feed(data)
        else:
            self.begun.body += data

    def _counted(self) -> bool:
        data = self._take(self._left)
        self._left -= len(data)
        self._give(data)
        if not self._left:
            self._finish()
            return True
        return False

    def _until_end(self) -> bool:
        self._give(self._take(len(self._buffer)))
        return False

    def _chunk_size(self) -> bool:
        end = self._buffer.find(b"\r\n", 0, 20)
        if end < 0:
            if len(self._buffer) >= 20:
                raise WrongBytes(f"no size of a chunk: {bytes(self._buffer[:20])!r}")
            return False
        size = self._take(end + 2)[:-2]
        if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
            raise WrongBytes(f"no size of a chunk: {size!r}")
        self._left = int(size, 16)
        self._step = self._chunk if self._left else self._last_line
        return True

    def _chunk(self) -> bool:
        data = self._take(self._left)
        self._left -= len(data)
        self._give(data)
        if not self._left:
            self._step = self._chunk_end
            return True
        return False

    def _line_end(self) -> bool:
        if len(self._buffer) < 2:
            return False
        if self._take(2) != b"\r\n":
            raise WrongBytes("no line end behind a chunk")
        return True

    def _chunk_end(self) -> bool:
        if not self._line_end():
            return False
        self._step = self._chunk_size
        return True

    def _last_line(self) -> bool:
        if not self._line_end():
            return False
        self._finish()
        return True

    def _finish(self):
        answer, self.begun, self._step = self.begun, None, self._head
        check(answer)
        self.whole.append(answer)
