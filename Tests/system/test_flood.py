# SPDX-License-Identifier: MIT
"""Floods of connections that ask for nothing, from many addresses: who comes for a picture is let in at once."""

import contextlib
import os
import resource
import selectors
import signal
import socket
import time

import pytest

import pictures
import proxies
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
def own_network():
    """The ports that many thousand connections leave behind are no other test's."""
    with proxies.own_network():
        yield


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


class Askers:
    """Connections from all addresses that ask once each and read what they are told."""

    def __init__(self, port: int, target: str):
        self.port = port
        self.request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        self.selector = selectors.DefaultSelector()
        self.heard: dict[socket.socket, bytearray] = {}
        self.ended: set[socket.socket] = set()

    def ask(self):
        one = connect(self.port, ADDRESSES[len(self.heard) % len(ADDRESSES)])
        one.sendall(self.request)
        self.heard[one] = bytearray()
        self.selector.register(one, selectors.EVENT_READ)

    def read(self, seconds: float):
        for key, _ in self.selector.select(seconds):
            try:
                data = key.fileobj.recv(1 << 20)
            except ConnectionResetError:
                data = b""
            self.heard[key.fileobj] += data
            if not data:
                self.ended.add(key.fileobj)
                self.selector.unregister(key.fileobj)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.heard:
            one.close()
        self.selector.close()

    def wait_for_all(self, picture: bytes):
        def is_done() -> bool:
            self.read(0.05)
            return all(one in self.ended or said.endswith(picture) for one, said in self.heard.items())

        wait_until(is_done, 20 * PATIENCE, "everybody has an answer or is let go")
        for said in self.heard.values():
            head, _, body = bytes(said).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ") and body == picture, (head[:60], len(body))


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("is_behind", [False, True], ids=["one by one", "all at once"])
def test_nobody_gets_half_an_answer_because_another_one_came(start_relay, threads, is_behind):
    """Each asks once and reads what it is told while the others take its place."""
    count, places = 600, 50
    relay = start_relay("--max-connections", str(places), "--threads", threads)
    relay.upload(pictures.numbered(1))
    with Askers(relay.port, "/snapshot") as askers:
        if is_behind:
            # A busy machine: the relay finds all of them at its door.
            relay.process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(count):
                askers.ask()
                askers.read(0)
        finally:
            if is_behind:
                relay.process.send_signal(signal.SIGCONT)
        askers.wait_for_all(pictures.numbered(1))
        wait_until(lambda: askers.read(0.05) or len(askers.ended) >= count - places, 20 * PATIENCE, "the earlier ones go")


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
