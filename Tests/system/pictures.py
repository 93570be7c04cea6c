# SPDX-License-Identifier: MIT
"""Test frames: real JPEGs that carry a number, so that a viewer can tell each one and prove it whole."""

import functools
import re
import subprocess

_NUMBER = re.compile(rb"^\xff\xd8\xff\xfe\x00\x12frame (\d{10})", re.DOTALL)


@functools.cache
def picture(size: str = "640x480") -> bytes:
    """The test picture, as ffmpeg encodes it."""
    made = subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size={size}", "-frames:v", "1", "-c:v", "mjpeg",
         "-f", "mjpeg", "-"],
        stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=60)
    assert made.stdout[:2] == b"\xff\xd8" and made.stdout[-2:] == b"\xff\xd9"
    return made.stdout


@functools.cache
def numbered(number: int, size: str = "640x480") -> bytes:
    """The test picture with its number in a comment segment of its own."""
    comment = b"frame %010d" % number
    return b"\xff\xd8\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + picture(size)[2:]


def number_of(frame: bytes) -> int:
    """The number of a numbered frame; fails if one byte of it is not as it was made."""
    found = _NUMBER.match(frame)
    assert found, f"not a numbered frame: {frame[:40]!r}"
    number = int(found.group(1))
    assert frame == numbered(number), f"frame {number} is torn: {len(frame)} bytes of {len(numbered(number))}"
    return number
