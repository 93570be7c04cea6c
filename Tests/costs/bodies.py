# SPDX-License-Identifier: MIT
"""Inputs that are uploads: frames as cameras send them, and all that makes a byte of a body dear."""

import itertools
from collections.abc import Callable

import pictures
from credentials import bearer
from heads import request
from line import Line
from measuring import Fed, Input
from stage import Stage

MAX_FRAME = 5 << 20
_HEADER = b"\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00"
_SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
# Grey, eight pixels a side, one byte of data: the walk wants no more of a picture.
SMALLEST = b"\xff\xd8" + _HEADER + _SCAN + b"\x00\xff\xd9"
_BIG_TYPE = "multipart/x-mixed-replace;boundary=b"
_numbers = itertools.count()


def _filled(before: bytes, filling: bytes, behind: bytes) -> bytes:
    """As much of `filling` as a frame may hold."""
    room = MAX_FRAME - len(before) - len(behind)
    return before + filling * (room // len(filling)) + behind


_FRONT, _END = b"\xff\xd8" + _HEADER, b"\xff\xd9"
LARGE = {
    "comments of two bytes": _filled(b"\xff\xd8", b"\xff\xfe\x00\x02", SMALLEST[2:]),
    "scans of one byte": _filled(_FRONT, _SCAN + b"\x00", _END),
    "stuffed bytes alone": _filled(_FRONT + _SCAN, b"\xff\x00", _END),
    "fill bytes before a marker": _filled(_FRONT + _SCAN + b"\x00", b"\xff", _END),
    "half delimiters": _filled(_FRONT + _SCAN, b"--boundarydonotcros", _END),
    "dashes alone": _filled(_FRONT + _SCAN, b"-", _END),
}


def frame_of_40_kb() -> bytes:
    """The tests' picture with a comment that makes 40,000 bytes of it."""
    picture = pictures.picture()
    comment = b"." * (40_000 - len(picture) - 4)
    return picture[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + picture[2:]


def upload(frame: bytes, *fields: str) -> bytes:
    return request("/upload/door", "POST", "Content-Type:image/jpeg", f"Content-Length:{len(frame)}", *fields) + frame


def one_by_one(frame: bytes, count: int, piece: int = 16384, unit_bytes: int = 0) -> Callable:
    """Frames on one connection, each sent when the last one was answered."""
    data = upload(frame)

    def feed(_: Stage, port: int) -> Fed:
        with Line(port) as line:
            for _ in range(count):
                line.exchange(line.seal(data, piece))
            return Fed(line.sent, line.sent // unit_bytes if unit_bytes else count)
    return feed


def _dripped(_: Stage, port: int) -> Fed:
    with Line(port) as line:
        line.drip(upload(SMALLEST[:2] + b"\xff\xfe\x27\x10" + b"." * 9998 + SMALLEST[2:]))
        return Fed(line.sent, line.sent)


def streaming(body: bytes, units: int, is_cut: bool = False) -> Callable:
    """One streaming upload of this body to a camera of its own, in chunks of one byte if `is_cut`."""
    def feed(_: Stage, port: int) -> Fed:
        framing = "Transfer-Encoding:chunked" if is_cut else f"Content-Length:{len(body)}"
        head = request(f"/upload/stream-{next(_numbers) % 8}", "POST", f"Content-Type:{_BIG_TYPE}", framing)
        sent = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n" if is_cut else body
        with Line(port) as line:
            line.exchange(line.seal(head + sent))
            return Fed(line.sent, units)
    return feed


def parts(*contents: bytes) -> bytes:
    return b"".join(b"--b\r\n\r\n" + content + b"\r\n" for content in contents) + b"--b--\r\n"


_FRAME_IN_PARTS = parts(frame_of_40_kb(), frame_of_40_kb())
_TINY = parts(*[SMALLEST] * 20_000)
# Ten in a row may be bad, as long as the next one is good.
_BAD = parts(*([SMALLEST] + [b""] * 10) * 4_000)
_LONG_HEADS = b"".join(b"--b\r\nX:" + b"x" * 8000 + b"\r\n\r\n" + SMALLEST + b"\r\n" for _ in range(20)) + b"--b--\r\n"


def _with_wrong_key(_: Stage, port: int) -> Fed:
    """From an address of its own each time: one that goes on is answered ever later."""
    data = upload(frame_of_40_kb(), bearer("no key of anybody's, but as long"))
    sent = 0
    for _ in range(50):
        number = next(_numbers)
        with Line(port, f"127.{2 + number // 62500 % 200}.{number // 250 % 250}.{1 + number % 250}") as line:
            line.push(line.seal(data), b"HTTP/1.1 401 ", 1)
            sent += line.sent
    return Fed(sent, 50)


def inputs(keys: str) -> list[Input]:
    """`keys` is a file in which one key may publish."""
    return [
        Input("an upload's body in packets of one byte", "packet", _dripped, ways=(False,)),
        Input("an upload in TLS records of one byte, in one go", "record",
              one_by_one(frame_of_40_kb(), 1, piece=1, unit_bytes=23), ways=(True,)),
        Input("a streaming upload in chunks of one byte", "chunk",
              streaming(_FRAME_IN_PARTS, len(_FRAME_IN_PARTS), is_cut=True)),
        Input("heads of parts in chunks of one byte", "chunk",
              streaming(_LONG_HEADS, len(_LONG_HEADS), is_cut=True), ways=(False,)),
        Input("parts with the smallest frame", "part", streaming(_TINY, 20_000)),
        Input("parts without a frame, one good one in eleven", "part", streaming(_BAD, 44_000), ways=(False,)),
        *(Input(f"5 MiB frames of {name}", "frame", one_by_one(frame, 4), ways=(False,))
          for name, frame in LARGE.items()),
        Input("40 KB uploads refused for a wrong key", "upload", _with_wrong_key, flags=("--keys", keys)),
    ]
