# SPDX-License-Identifier: MIT
"""`evrelay doctor` as a process: what it ends with when a relay answers, answers no more, or is something else."""

import json
import socket
import threading

import pytest

from conftest import running_relay
from relay import run_binary

INFO = {"server": "6f33b95ed5671369", "version": "9.9", "time_us": 1795370000123456, "max_frame_bytes": 5242880}


class Peer:
    """Something that answers so many requests with this body, then closes each connection without a word."""

    def __init__(self, answers: int, body: dict, status: str = "200 OK"):
        text = json.dumps(body).encode()
        self._answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text
        self._left = answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_) -> None:
        # Shutting down wakes the thread that accepts; closing alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        received = b""
        while self._left > 0:
            piece = connection.recv(4096)
            if not piece:
                return
            received += piece
            while b"\r\n\r\n" in received and self._left > 0:
                received = received.split(b"\r\n\r\n", 1)[1]
                connection.sendall(self._answer)
                self._left -= 1


def doctor(url: str):
    return run_binary("doctor", url, "--lang", "en")


def test_a_good_way_ends_with_0():
    with running_relay() as relay:
        done = doctor(f"{relay.url}/")
    assert done.returncode == 0 and done.stdout.endswith("Everything is fine.\n"), done


@pytest.mark.parametrize(("answers", "status"), [(0, 69), (1, 1), (8, 1)])
def test_only_a_relay_that_never_answered_is_unavailable(answers, status):
    """A relay that fell silent half-way ended with 69, as if nothing had been there."""
    with Peer(answers, INFO) as peer:
        done = doctor(peer.url)
    assert done.returncode == status and "bad  The relay does not answer." in done.stdout, done


def test_something_else_is_an_answer():
    with Peer(100, {"hello": 1}, "404 Not Found") as peer:
        done = doctor(peer.url)
    assert done.returncode == 1 and "bad  Something else answers in place of the relay (status 404)." in done.stdout


@pytest.mark.parametrize("time", [-2**63, -1, 4_500_000_000_000_001, 2**63 - 1, 2**80])
def test_a_clock_out_of_this_world_does_no_harm(time):
    """Its difference to the own clock did not fit into a number, which ended the program by a fault."""
    with Peer(100, INFO | {"time_us": time}) as peer:
        done = doctor(peer.url)
    assert done.returncode == 1 and "\nbad  " in done.stdout, done
