# SPDX-License-Identifier: MIT
"""Inputs that are requests without a body, and connections with hardly anything on them."""

import contextlib
import itertools
from collections.abc import Callable

import pictures
from line import Line
from measuring import Fed, Input
from stage import Stage

# Connections come from many addresses in turn, as one has a limit of them and only so many ports.
_sources = itertools.cycle(f"127.0.1.{number}" for number in range(1, 200))
_AT_ONCE = 480


def request(target: str, method: str = "GET", *fields: str) -> bytes:
    """As short as they come."""
    lines = [f"{method} {target} HTTP/1.1", "Host:localhost", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def has_a_frame(stage: Stage):
    assert stage.relay.upload(pictures.picture(), "door").status == 200


def has_64_cameras(stage: Stage):
    for number in range(64):
        assert stage.relay.upload(pictures.picture("64x48"), f"camera-{number}").status == 200


def has_idle_connections(stage: Stage):
    for number in range(3000):
        stage.kept.enter_context(Line(stage.relay.plain_port, f"127.0.3.{1 + number // 200}"))


def pipelined(one: bytes, status: int = 200, count: int = _AT_ONCE, piece: int = 16384) -> Callable:
    """`count` requests in one go, whose answers are read as they come."""
    def feed(_: Stage, port: int) -> Fed:
        with Line(port) as line:
            line.exchange(line.seal(one * count, piece), b"HTTP/1.1 %d " % status, count)
            return Fed(line.sent, count)
    return feed


def at_once(one: bytes, connections: int, count: int) -> Callable:
    """The same on many connections, all of whose requests are with the kernel before the first answer is read."""
    def feed(_: Stage, port: int) -> Fed:
        with contextlib.ExitStack() as stack:
            lines = [stack.enter_context(Line(port)) for _ in range(connections)]
            for line in lines:
                line.push(line.seal(one * count), b"HTTP/1.1 200 ", 0)
            for line in lines:
                line.exchange(b"", b"HTTP/1.1 200 ", count)
            return Fed(sum(line.sent for line in lines), connections * count)
    return feed


def _dripped(_: Stage, port: int) -> Fed:
    head = request("/healthz", "GET", "X-Long:" + "x" * 2000)
    with Line(port) as line:
        for _ in range(8):
            line.drip(head)
        return Fed(line.sent, line.sent)


def _settle(stage: Stage):
    """Connections are accepted in turn, so those before this one have been."""
    assert stage.relay.get("/healthz").status == 200


def _opened_and(end: str) -> Callable:
    def feed(stage: Stage, port: int) -> Fed:
        sent = 0
        for _ in range(200):
            with Line(port, next(_sources)) as line:
                if end == "answer":
                    line.exchange(line.seal(request("/healthz", "GET", "Connection:close")))
                elif end == "reset":
                    line.reset()
                sent += line.sent
        _settle(stage)
        return Fed(sent, 200)
    return feed


_FIELDS = tuple("a:" for _ in range(63))

INPUTS = [
    Input("pipelined `GET /healthz`", "request", pipelined(request("/healthz"))),
    Input("pipelined requests answered 404", "request", pipelined(request("/x"), 404), ways=(False,)),
    Input("pipelined `HEAD` of a snapshot", "request", pipelined(request("/snapshot/door", "HEAD")),
          ways=(False,), prepare=has_a_frame),
    Input("pipelined `GET` of a snapshot, read in full", "request", pipelined(request("/snapshot/door"), count=96),
          ways=(False,), prepare=has_a_frame),
    Input("pipelined `GET /cameras`, 64 cameras", "request", pipelined(request("/cameras"), count=96),
          ways=(False,), prepare=has_64_cameras),
    Input("pipelined `GET /metrics`, 64 cameras", "request", pipelined(request("/metrics"), count=96),
          ways=(False,), prepare=has_64_cameras),
    Input("pipelined `GET /metrics` beside 3,000 idle connections", "request", pipelined(request("/metrics"), count=96),
          ways=(False,), prepare=has_idle_connections),
    Input("`GET /healthz` on 64 connections at once", "request", at_once(request("/healthz"), 64, 32), ways=(False,)),
    Input("`GET /cameras` on 64 connections at once, 64 cameras", "request",
          at_once(request("/cameras"), 64, 16), ways=(False,), prepare=has_64_cameras),
    Input("`GET /metrics` on 64 connections at once, 64 cameras", "request",
          at_once(request("/metrics"), 64, 16), ways=(False,), prepare=has_64_cameras),
    Input("`GET /metrics` on 64 connections at once beside 3,000 idle ones", "request",
          at_once(request("/metrics"), 64, 16), ways=(False,), prepare=has_idle_connections),
    Input("pipelined heads with 64 shortest fields", "request", pipelined(request("/healthz", "GET", *_FIELDS)),
          ways=(False,)),
    Input("heads in packets of one byte", "packet", _dripped, ways=(False,)),
    Input("heads in TLS records of one byte, in one go", "record",
          lambda stage, port: _records(pipelined(request("/healthz", "GET", "X-Long:" + "x" * 7900), 200, 4, 1)(
              stage, port)), ways=(True,)),
    Input("connections, nothing sent, closed", "connection", _opened_and("close"), ways=(False,)),
    Input("connections, nothing sent, reset", "connection", _opened_and("reset"), ways=(False,)),
    Input("a connection for each `GET /healthz`", "connection", _opened_and("answer"), ways=(False,)),
]


def _records(fed: Fed) -> Fed:
    """Of one byte each: type, version, length, the byte, its type again, and the tag."""
    return Fed(fed.received, fed.received // 23)
