# SPDX-License-Identifier: MIT
"""Frames that say of themselves what they are, so that a reader of any camera can prove each of them whole."""

import functools
import re

import pictures

_WORDS = re.compile(rb"^\xff\xd8\xff\xfe..life ([A-Za-z0-9._-]+) (\d{10}) (\d{9})\n", re.DOTALL)
# A comment segment holds no more.
_MOST_IN_A_SEGMENT = 0xFFFD


@functools.cache
def _tail(size: int) -> bytes:
    """What stands behind a frame's first segment: comments up to about `size` bytes, then a small picture."""
    segment = b"\xff\xfe\xff\xff" + b"." * _MOST_IN_A_SEGMENT
    return segment * (size // len(segment)) + pictures.picture("64x48")[2:]


def frame(camera: str, number: int, size: int) -> bytes:
    """The frame `number` of `camera`, of about `size` bytes and two thousand more."""
    words = b"life %s %010d %09d\n" % (camera.encode(), number, size)
    return b"\xff\xd8\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + _tail(size)


def fault_of(camera: str, data: bytes) -> str | None:
    """What is wrong with a frame that came from this camera."""
    found = _WORDS.match(data[:200])
    if not found:
        return _fault_of_numbered(data)
    name, number, size = found.group(1).decode(), int(found.group(2)), int(found.group(3))
    if camera not in ("", name):
        return f"a frame of {name!r} came from {camera!r}"
    wanted = frame(name, number, size)
    return None if data == wanted else f"frame {number} of {name!r} is torn: {len(data)} bytes of {len(wanted)}"


def _fault_of_numbered(data: bytes) -> str | None:
    """The canary's frames are those of the process tests."""
    try:
        pictures.number_of(data)
    except AssertionError as error:
        return str(error)[:300]
    return None
