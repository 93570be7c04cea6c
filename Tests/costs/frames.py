# SPDX-License-Identifier: MIT
"""Inputs that are frames of a WebSocket, which only the doctor has."""

from collections.abc import Callable

from heads import request
from line import Line
from measuring import Fed, Input
from stage import Stage

_UPGRADE = request(
    "/doctor/socket", "GET", "Connection:Upgrade", "Upgrade:websocket", "Sec-WebSocket-Version:13",
    "Sec-WebSocket-Key:AAAAAAAAAAAAAAAAAAAAAA==")
# Masked by zeros, as a client must mask.
_MASK = b"\0\0\0\0"
_PING, _PONG = b"\x89\x80" + _MASK, b"\x8a\x80" + _MASK
_FIRST, _NEXT, _LAST = (kind + b"\x81" + _MASK + b"x" for kind in (b"\x01", b"\x00", b"\x80"))
_EMPTY = b"\x00\x80" + _MASK


def _frames(data: bytes, mark: bytes, count: int, units: int, connections: int = 1, piece: int = 16384) -> Callable:
    """The upgrade and then these frames, in one go; `mark` must come so many times."""
    def feed(_: Stage, port: int) -> Fed:
        sent = 0
        for _ in range(connections):
            with Line(port) as line:
                line.exchange(line.seal(_UPGRADE), b"HTTP/1.1 101 ")
                line.exchange(line.seal(data, piece), mark, count)
                sent += line.sent
        return Fed(sent, units * connections)
    return feed


_MESSAGE = _FIRST + _NEXT * 1022 + _LAST
_COUNT = 100_000

INPUTS = [
    Input("WebSockets that end after 16 pings", "connection", _frames(_PING * 16, b"\x8a\x00", 16, 1, 40)),
    Input("WebSocket messages in fragments of one byte", "fragment",
          _frames(_MESSAGE * 15, b"\x81\x7e\x04\x00", 15, 1024 * 15), ways=(False,)),
    Input("WebSocket fragments of no byte", "fragment",
          _frames(_FIRST + _EMPTY * _COUNT + _LAST, b"\x81\x02xx", 1, _COUNT), ways=(False,)),
    Input("WebSocket pongs that nobody asked for", "frame", _frames(_PONG * _COUNT + _PING, b"\x8a\x00", 1, _COUNT)),
]
