# SPDX-License-Identifier: MIT
"""A request as it is drawn: the bytes that are sent, and every answer to it that is right."""

import dataclasses

import images

# The largest number that a sequence can have: no frame is ever newer.
NEVER = 2**63 - 1


@dataclasses.dataclass(frozen=True)
class Body:
    """What an upload carries. `kind` is `frame`, `parts` (a row of frames), `chunked parts`, `bytes` or none."""

    kind: str = ""
    camera: str = ""
    size: int = 0
    count: int = 1
    piece: int = 1 << 16

    def made(self, number: int) -> bytes:
        if self.kind == "frame":
            return images.frame(self.camera, number, self.size)
        if self.kind == "bytes":
            return b"x" * self.size
        parts = b"".join(self._part(number + index) for index in range(self.count)) + b"--cut--\r\n"
        if self.kind == "parts":
            return parts
        pieces = (parts[start:start + self.piece] for start in range(0, len(parts), self.piece))
        return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"

    def _part(self, number: int) -> bytes:
        frame = images.frame(self.camera, number, self.size)
        return b"--cut\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(frame), frame)


@dataclasses.dataclass(frozen=True)
class Ask:
    """`content` names what a good answer's body is: `json`, `page`, `text`, `jpeg CAMERA`, `stream CAMERA`, `lines`,
    `socket`, `none` or `any`. Errors always have their short JSON body.

    `{now}` in a target is the sequence number of the camera's latest frame, when the request is sent.
    """

    target: str
    statuses: frozenset[int]
    content: str = "json"
    method: str = "GET"
    version: str = "1.1"
    fields: tuple[str, ...] = ()
    body: Body = Body()
    # Fields that a JSON answer must not have.
    secret: tuple[str, ...] = ()
    # How many frames a stream has; 0 for one without end.
    frames: int = 0
    # Sent as it is instead of all this. Its connection may end without an answer if `may_just_end`.
    raw: bytes = b""
    may_just_end: bool = False
    # Whether the connection must end behind the answer.
    closes: bool = False
    # A camera whose next frame is waited for, so that the answer comes when it wants to.
    waits_for: str = ""

    @property
    def wants_no_body(self) -> bool:
        return self.method == "HEAD" or self.raw.startswith(b"HEAD ")

    def encoded(self, sequence: int, number: int) -> bytes:
        if self.raw:
            return self.raw
        fields = ["Host: localhost", *self.fields]
        body = b""
        if self.body.kind:
            body = self.body.made(number)
            is_chunked = self.body.kind.startswith("chunked")
            fields.append("Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(body)}")
        target = self.target.replace("{now}", str(sequence))
        head = [f"{self.method} {target} HTTP/{self.version}", *fields]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body

    @property
    def is_endless(self) -> bool:
        return self.content.startswith("stream") and not self.frames

    def __str__(self):
        if self.raw:
            return f"{self.raw[:60]!r}{'...' if len(self.raw) > 60 else ''}"
        words = [self.method, self.target if len(self.target) < 90 else self.target[:90] + "...", self.version]
        words += [field if "key" not in field.lower() else field[:24] for field in self.fields]
        if self.body.kind:
            words.append(f"<{self.body.count} x {self.body.size} bytes as {self.body.kind}>")
        return " ".join(words)
