# SPDX-License-Identifier: MIT
"""Listening sockets that were made by somebody else and outlive the process (sd_listen_fds(3))."""

import os
import signal
import socket
import threading

import pytest

import pictures
from relay import run_binary
from wire import ConnectionEnded, Wire


def listening_unix(path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)
    return listener


def says_healthy(family: int, address) -> bool:
    with socket.socket(family) as client:
        client.settimeout(20)
        client.connect(address)
        client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        return client.recv(4096).split(b" ", 2)[1] == b"200"


@pytest.mark.parametrize("loops", ["1", "3"])
def test_ipv4_ipv6_and_unix_sockets_are_served_at_once(manager, tmp_path, loops):
    ipv4 = manager.sockets[0][1].getsockname()[1]
    ipv6 = manager.listen("::1")
    path = tmp_path / "relay.socket"
    manager.pass_socket(listening_unix(path), "local.socket")
    relay = manager.start("--threads", loops)
    for _ in range(8):
        assert says_healthy(socket.AF_INET, ("127.0.0.1", ipv4))
        assert says_healthy(socket.AF_INET6, ("::1", ipv6))
        assert says_healthy(socket.AF_UNIX, str(path))
    assert len(relay.log_lines(r"\blistening\b")) == 3
    relay.stop()
    assert path.is_socket(), "the file belongs to who made the socket"


def test_a_unix_socket_alone_is_served(start_manager, tmp_path):
    manager = start_manager()
    path = tmp_path / "relay.socket"
    manager.pass_socket(listening_unix(path))
    manager.start()
    assert says_healthy(socket.AF_UNIX, str(path))


def test_an_address_of_its_own_stands_beside_passed_sockets(manager):
    relay = manager.start("--listen", "127.0.0.1:0")
    assert len(relay.log_lines(r"\blistening\b.*http://127\.0\.0\.1:")) == 2


@pytest.mark.parametrize("told", [{}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}, {"LISTEN_FDS": "0"}, {"LISTEN_FDS": "-1"},
                                  {"LISTEN_FDS": "many"}], ids=str)
def test_without_passed_sockets_the_status_is_78_and_the_message_says_what_to_do(told):
    ended = run_binary("--listen", "systemd", extra=told)
    assert ended.returncode == 78, ended
    assert "--listen systemd" in ended.stderr and "socket unit" in ended.stderr, ended.stderr


def test_sockets_for_another_process_are_left_alone(manager):
    prefix, descriptors = manager.command()
    ended = run_binary("--listen", "systemd", extra=manager.environment({"LISTEN_PID": "1"}), prefix=prefix,
                       descriptors_passed=descriptors)
    assert ended.returncode == 78, ended


def unusable(kind: str, folder) -> int:
    """A descriptor that nobody can accept from."""
    if kind == "file":
        return os.open(folder / "file", os.O_CREAT | os.O_RDWR)
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "datagram" else socket.SOCK_STREAM)
    made.bind(("127.0.0.1", 0))
    return made.detach()


@pytest.mark.parametrize("kind", ["file", "datagram", "not listening"])
def test_what_cannot_be_accepted_from_is_named_and_the_status_is_78(manager, tmp_path, kind):
    manager.kept.append(("evrelay-video.socket", unusable(kind, tmp_path)))
    prefix, descriptors = manager.command()
    ended = run_binary("--listen", "systemd", extra=manager.environment(), prefix=prefix,
                       descriptors_passed=descriptors)
    assert ended.returncode == 78, ended
    assert "evrelay-video.socket" in ended.stderr and "ListenStream=" in ended.stderr, ended.stderr


def test_what_came_while_no_process_ran_is_served_by_the_next_one(manager):
    first = manager.start()
    manager.end(first, signal.SIGTERM)
    with Wire(first.port) as viewer, Wire(first.port) as early:
        viewer.request("GET", "/stream")
        early.request("GET", "/healthz")
        assert early.is_silent_for(0.1)
        second = manager.start()
        assert early.response().status == 200
        assert viewer.head().status == 200
        assert second.upload(pictures.numbered(1)).status == 200


class Knocker:
    """A client that connects again and again, and counts what becomes of it."""

    def __init__(self, port: int):
        self.answered = 0
        self.problems: list[str] = []
        self._port = port
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            try:
                with Wire(self._port) as wire:
                    wire.request("GET", "/healthz", "Connection: close")
                    assert wire.response().status == 200
                self.answered += 1
            except (OSError, ConnectionEnded, AssertionError) as problem:
                self.problems.append(repr(problem))

    def stop(self):
        self._stop.set()
        self._thread.join(30)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR2], ids=["SIGTERM", "SIGUSR2"])
def test_three_restarts_refuse_no_connection_and_leave_no_request_unanswered(manager, number):
    relay = manager.start("--threads", "2")
    knockers = [Knocker(relay.port) for _ in range(4)]
    for _ in range(3):
        answered = sum(knocker.answered for knocker in knockers)
        relay.get("/healthz")
        manager.end(relay, number)
        relay = manager.start("--threads", "2")
        while sum(knocker.answered for knocker in knockers) < answered + 20:
            relay.get("/healthz")
    for knocker in knockers:
        knocker.stop()
    problems = [problem for knocker in knockers for problem in knocker.problems]
    assert not problems, problems
