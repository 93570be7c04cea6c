# SPDX-License-Identifier: MIT
"""Inputs that only TLS has: handshakes, and keys that are changed all the time."""

import contextlib
import itertools
import socket
import time

from heads import request
from key_updates import KeyUpdateClient
from line import SECONDS, Line
from measuring import Fed, Input
from stage import Stage

RSA_NAME = "rsa.localhost"
# The server cuts the connection with the next one of a minute. OpenSSL looks at a change that asks for one back when
# something follows it, so it takes one more of those.
ALLOWED = 32
_sources = itertools.cycle(f"127.0.2.{number}" for number in range(1, 200))


def _full(name: str):
    def feed(_: Stage, port: int) -> Fed:
        sent = 0
        for _ in range(40):
            with Line(port, next(_sources), name=name) as line:
                # The last message of a handshake is the client's, so only an answer proves that it is over.
                line.exchange(line.seal(request("/healthz")))
                assert not line.is_resumed
                sent += line.sent
        return Fed(sent, 40)
    return feed


def _resumed(_: Stage, port: int) -> Fed:
    with Line(port) as first:
        first.exchange(first.seal(request("/healthz")))
        session, sent = first.session, 0
    for _ in range(80):
        with Line(port, next(_sources), session) as line:
            line.exchange(line.seal(request("/healthz")))
            assert line.is_resumed, "not resumed"
            sent += line.sent
    return Fed(sent, 80)


@contextlib.contextmanager
def _key_changer(port: int):
    client = KeyUpdateClient()
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=SECONDS) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not client.shake_hands():
                connection.sendall(client.outgoing())
                client.incoming(connection.recv(65536))
            hello = client.outgoing()
            connection.sendall(hello)
            yield client, connection, len(hello)
    finally:
        client.close()


def _is_ended(connection: socket.socket) -> bool:
    """Whether the server ends the connection, rather than answer."""
    try:
        while connection.recv(65536):
            pass
        return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def changes(count: int, asks_back: bool, connections: int = 20):
    """`count` key changes in one go, which must be more than the server bears."""
    def feed(_: Stage, port: int) -> Fed:
        sent = 0
        for _ in range(connections):
            with _key_changer(port) as (client, connection, hello_bytes):
                data = client.key_updates(count, asks_back)
                with contextlib.suppress(ConnectionError):
                    connection.sendall(data)
                assert _is_ended(connection), f"{count} changes of keys were borne"
                sent += hello_bytes + len(data)
        # Of many, nobody knows how many were read before the cut.
        return Fed(sent if count <= ALLOWED + 2 else 0, connections)
    return feed


def seconds_until_cut(stage: Stage, count: int) -> tuple[int, float]:
    """How many bytes of so many key changes there were, and when the connection had ended."""
    with _key_changer(stage.relay.tls_port) as (client, connection, _):
        data = client.key_updates(count)
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            connection.sendall(data)
        assert _is_ended(connection)
        return len(data), time.monotonic() - began


def bears(stage: Stage, count: int) -> bool:
    """Whether a request behind so many key changes is answered."""
    with _key_changer(stage.relay.tls_port) as (client, connection, _):
        data = client.key_updates(count)
        client.write(request("/healthz"))
        connection.sendall(data + client.outgoing())
        try:
            return bool(connection.recv(65536))
        except ConnectionError:
            return False


INPUTS = [
    Input("full handshakes, P-256, one request each", "handshake", _full("localhost"), ways=(True,)),
    Input("full handshakes, RSA 2048, one request each", "handshake", _full(RSA_NAME), ways=(True,)),
    Input("resumed handshakes, one request each", "handshake", _resumed, ways=(True,)),
    Input("34 key changes in one go, then cut", "connection", changes(ALLOWED + 2, False), ways=(True,)),
    Input("34 key changes that ask for one back, then cut", "connection", changes(ALLOWED + 2, True), ways=(True,)),
    Input("2,000 key changes in one go, cut", "connection", changes(2000, False, 5), ways=(True,)),
]
