# SPDX-License-Identifier: MIT
"""Whether a whole answer is one that may be given to its request."""

import dataclasses
import json
import re

import images
from asks import Ask
from multipart import StreamBody, WrongBytes

_JSON = "application/json; charset=utf-8"
_LINE = re.compile(rb'\{"part":(\d+),"time_us":\d+\} *')


@dataclasses.dataclass
class Answer:
    ask: Ask
    version: str
    status: int
    fields: dict[str, str]
    body: bytearray = dataclasses.field(default_factory=bytearray)
    stream: StreamBody | None = None

    @property
    def says_close(self) -> bool:
        """Whether nothing more comes over this connection."""
        kept = self.fields.get("connection", "").lower()
        if self.stream or self.status == 101:
            return True
        return "close" in kept or ("keep-alive" not in kept and "1.0" in (self.version, self.ask.version))

    def __str__(self):
        return f"{self.status} {self.fields} {bytes(self.body[:200])!r}"


def check(answer: Answer):
    """Fails with the first thing that is wrong with it."""
    if answer.ask.wants_no_body or answer.status in (204, 304):
        if answer.body:
            raise WrongBytes(f"a body that must not be: {answer}")
    elif answer.status == 101:
        _check_socket(answer)
    elif answer.status >= 400:
        _check_error(answer)
    elif answer.status == 200:
        _CHECKS[answer.ask.content.partition(" ")[0]](answer)


def _document(answer: Answer) -> dict:
    if answer.fields.get("content-type") != _JSON:
        raise WrongBytes(f"not JSON: {answer}")
    try:
        return json.loads(bytes(answer.body))
    except ValueError:
        raise WrongBytes(f"broken JSON: {answer}") from None


def _check_error(answer: Answer):
    said = _document(answer)
    if said.get("status") != answer.status or not said.get("reason") or not said.get("message"):
        raise WrongBytes(f"an error without its reason: {answer}")


def _check_json(answer: Answer):
    said = _document(answer)
    told = [name for name in answer.ask.secret if said.get(name) is not None]
    if told:
        raise WrongBytes(f"tells {told} to somebody without the right: {answer}")
    body = answer.ask.body
    if answer.ask.target.startswith("/doctor/echo") and said.get("bytes") != body.size:
        raise WrongBytes(f"echo of {body.size} bytes: {answer}")
    if "parts" in body.kind and said.get("frames") != body.count:
        raise WrongBytes(f"{said.get('frames')} of {body.count} sent frames were taken: {answer}")


def _check_page(answer: Answer):
    if not answer.fields.get("content-type", "").startswith(("text/html", "image/svg", "text/css", "text/javascript")):
        raise WrongBytes(f"no page: {answer}")
    if not answer.body:
        raise WrongBytes(f"an empty page: {answer}")


def _check_text(answer: Answer):
    if b"\nevrelay_ready " not in answer.body or not answer.body.endswith(b"\n"):
        raise WrongBytes(f"no metrics: {answer}")


def _check_jpeg(answer: Answer):
    if answer.fields.get("content-type") != "image/jpeg":
        raise WrongBytes(f"no picture: {answer}")
    if fault := images.fault_of(answer.ask.content.partition(" ")[2], bytes(answer.body)):
        raise WrongBytes(fault)


def _check_stream(answer: Answer):
    stream, wanted = answer.stream, answer.ask.frames
    frames = stream.frames - stream.repetitions
    if stream.is_closed and wanted and frames > wanted:
        raise WrongBytes(f"{frames} frames where {wanted} were asked for")


def _check_lines(answer: Answer):
    """A line may be left out while one is pending; those that come are whole and in order."""
    numbers = []
    size = int(answer.ask.content.split(" ")[1])
    for line in bytes(answer.body).splitlines(keepends=True):
        found = _LINE.fullmatch(line[:-1])
        if not found or len(line) != size or not line.endswith(b"\n"):
            raise WrongBytes(f"no line of /doctor/stream of {size} bytes: {len(line)} {line[:80]!r}")
        numbers.append(int(found.group(1)))
    if numbers != sorted(set(numbers)) or not numbers:
        raise WrongBytes(f"lines of /doctor/stream: {numbers}")


def _check_socket(answer: Answer):
    """Unmasked, whole messages come back as they were sent; then at most a closing one."""
    body = bytes(answer.body)
    while body:
        if body[0] not in (0x81, 0x82, 0x88) or len(body) < 2 or body[1] & 0x80:
            raise WrongBytes(f"no WebSocket message: {body[:80]!r}")
        size, start = (int.from_bytes(body[2:4], "big"), 4) if body[1] == 126 else (body[1], 2)
        if body[0] != 0x88 and set(body[start:start + size]) - set(b"m"):
            raise WrongBytes(f"another message came back: {body[:80]!r}")
        body = body[start + size:]


def _accept_any(_: Answer):
    pass


_CHECKS = {"json": _check_json, "page": _check_page, "text": _check_text, "jpeg": _check_jpeg, "stream": _check_stream,
           "lines": _check_lines, "any": _accept_any, "none": _accept_any, "socket": _accept_any}
