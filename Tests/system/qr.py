# SPDX-License-Identifier: MIT
"""Reads QR codes drawn with half blocks, by OpenCV: neither encoder nor drawing is ours there."""

import re

import cv2
import numpy

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
# Of a module; and of the paper around the drawing.
_PIXELS, _MARGIN = 8, 20


def _is_drawing(line: str) -> bool:
    plain = _ESCAPE.sub("", line)
    return len(plain) >= 29 and set(plain) <= set("█▀▄ ")


def drawing(text: str) -> list[str]:
    """The lines of the one drawing in `text`."""
    return [line for line in text.replace("\r", "").split("\n") if _is_drawing(line)]


def decode(text: str) -> str:
    """What the one drawing in `text` says. With colours letters are black on white, without they are what is light."""
    lines = drawing(text)
    is_coloured = any("\x1b[" in line for line in lines)
    if is_coloured:
        assert all(line.startswith("\x1b[38;5;16;48;5;231m") and line.endswith("\x1b[0m") for line in lines), lines
    rows = []
    for line in (_ESCAPE.sub("", line) for line in lines):
        upper = [character in "█▀" for character in line]
        lower = [character in "█▄" for character in line]
        rows += [upper, lower]
    drawn = numpy.array(rows)
    light = ~drawn if is_coloured else drawn
    picture = numpy.kron(light.astype(numpy.uint8) * 255, numpy.ones((_PIXELS, _PIXELS), numpy.uint8))
    # The newer of OpenCV's two readers: the older one misses a code in thirty.
    said, _, _ = cv2.QRCodeDetectorAruco().detectAndDecode(numpy.pad(picture, _MARGIN, constant_values=255))
    return said
