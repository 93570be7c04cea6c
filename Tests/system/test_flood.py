# SPDX-License-Identifier: MIT
"""Floods of connections that ask for nothing, from many addresses: who comes for a picture is let in at once."""

import contextlib
import os
import resource
import selectors
import socket
import time

import pytest

import pictures
from conftest import watched_camera
from settings import PATIENCE
from waiting import wait_until
from wire import Wire

IDLE = 5_000
# Without TLS every second one has asked once; the others have said nothing, as those have not of whom TLS is expected.
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
ADDRESSES = [f"127.0.1.{number}" for number in range(1, 41)]
AT_ONCE = 1.0 * PATIENCE
DESCRIPTORS = 12_000

pytestmark = pytest.mark.release_only


def connect(port: int, address: str) -> socket.socket:
    one = socket.socket()
    one.bind((address, 0))
    one.connect(("127.0.0.1", int(port)))
    return one


@contextlib.contextmanager
def flood(port: int, count: int, asks: bool):
    """So many connections that stay, `count` of them in turn from all addresses."""
    connections = []
    try:
        for number in range(count):
            one = connect(port, ADDRESSES[number % len(ADDRESSES)])
            connections.append(one)
            if asks and number % 2:
                # It may have been let go again by now.
                with contextlib.suppress(OSError):
                    one.sendall(REQUEST)
        yield connections
    finally:
        for one in connections:
            one.close()


def visit(relay, target: str, source: str = "127.0.0.1") -> float:
    """Seconds until somebody new has an answer."""
    begin = time.monotonic()
    with Wire(relay.port, source=source) as wire:
        wire.request("GET", target, "Connection: close")
        answer = wire.response()
    assert answer.status == 200, answer
    return time.monotonic() - begin


@pytest.fixture(autouse=True)
def many_descriptors():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Root may have more than it was given.
    wanted = max(before[1], DESCRIPTORS) if os.geteuid() == 0 else before[1]
    assert wanted >= DESCRIPTORS, f"this test needs {DESCRIPTORS} descriptors, and may have {wanted}"
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[0], wanted))


@pytest.mark.over_tls_too
@pytest.mark.parametrize("threads", ["1", "4"])
def test_five_thousand_idle_connections_keep_nobody_out(start_relay, threads):
    """At default limits no new visitor was served until they timed out."""
    relay = start_relay("--threads", threads)
    with watched_camera(relay) as (camera, _), flood(relay.port, IDLE, relay.url.startswith("http:")) as idle:
        for number in range(20):
            assert visit(relay, "/healthz") < AT_ONCE
            assert visit(relay, "/stream?frames=1", f"127.0.2.{number + 1}") < AT_ONCE
        # A new camera, too.
        with Wire(relay.port, source="127.0.3.1") as wire:
            wire.upload(pictures.numbered(1), "new")
            assert wire.response("POST").status == 200
        before = camera.count
        wait_until(lambda: camera.count > before + 3)
        gone = relay.metric('evrelay_idle_connections_let_go_total{reason="connections-full"}')
        assert gone > IDLE - 4096, gone
        assert relay.metric('evrelay_refusals_total{reason="connections-full"}') == 0
        assert len(relay.log_lines("idle connection let go")) <= 5, relay.log_lines("idle connection let go")
        assert len(idle) == IDLE


def test_nobody_gets_half_an_answer_because_another_one_came(start_relay):
    """Each asks once and reads what it is told while the others take its place."""
    relay = start_relay("--max-connections", "50", "--threads", "2")
    relay.upload(pictures.numbered(1))
    selector = selectors.DefaultSelector()
    heard: dict[socket.socket, bytearray] = {}
    ended = 0

    def read(seconds: float):
        nonlocal ended
        for key, _ in selector.select(seconds):
            try:
                data = key.fileobj.recv(1 << 20)
            except ConnectionResetError:
                data = b""
            heard[key.fileobj] += data
            if not data:
                ended += 1
                selector.unregister(key.fileobj)

    try:
        for number in range(600):
            one = connect(relay.port, ADDRESSES[number % len(ADDRESSES)])
            one.sendall(b"GET /snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n")
            heard[one] = bytearray()
            selector.register(one, selectors.EVENT_READ)
            read(0)
        wait_until(lambda: read(0.05) or ended >= 600 - 50, 20 * PATIENCE, "the earlier ones are let go")
        whole = len(pictures.numbered(1))
        for said in heard.values():
            head, _, body = bytes(said).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ") and len(body) == whole, (head[:60], len(body))
    finally:
        for one in heard:
            one.close()


def test_twenty_thousand_connections_that_come_and_go_leave_nothing(start_relay):
    relay = start_relay("--threads", "4")
    relay.upload(pictures.numbered(1))
    with watched_camera(relay, "door"):
        before = relay.descriptors()
        for number in range(20_000):
            connect(relay.port, ADDRESSES[number % len(ADDRESSES)]).close()
            if number % 1000 == 0:
                assert visit(relay, "/snapshot") < AT_ONCE
        wait_until(lambda: relay.descriptors() <= before + 4, 20 * PATIENCE, "the descriptors come back")


@pytest.mark.parametrize("threads", ["1", "2"])
def test_with_256_descriptors_a_flood_keeps_nobody_out(start_relay, threads):
    """The limit comes before the relay's own count, whose part others take: the socket it is told of, pipes, files."""
    relay = start_relay("--threads", threads, descriptors=256, expected_problems=(r"descriptor", r"[Tt]oo many open files"))
    with watched_camera(relay) as (camera, _), flood(relay.port, 600, asks=True):
        for _ in range(10):
            assert visit(relay, "/healthz") < AT_ONCE
            assert visit(relay, "/stream?frames=1") < AT_ONCE
        before = camera.count
        wait_until(lambda: camera.count > before + 3)
