# SPDX-License-Identifier: MIT
"""Whoever comes to the TLS port with something else than a handshake in good time, while others watch over TLS."""

import contextlib
import os
import random
import select
import socket
import ssl
import subprocess
import time

import pytest

from conftest import running_relay, watched_camera
from handshakes import (
    ALERT, HANDSHAKE, ONE_REQUEST, TLS_1_2, TLS_1_3, Answer, answer_to, client_hello, record, s_client)
from settings import PATIENCE
from viewer import Stream
from waiting import wait_until
from wire import ConnectionEnded, Wire

RECORD_OVERFLOW = 22
SUITES = [0x1301, 0x1302, 0xC02B, 0xC02C]
HELLOS = {"1.2": client_hello(SUITES, TLS_1_2), "1.3": client_hello(SUITES, TLS_1_3)}


@pytest.fixture(scope="module")
def besieged(authority):
    """One relay for the whole file, with a camera and a viewer over TLS who must see every frame from first to last."""
    with running_relay("--header-timeout", "1s", pairs=[authority.local()], over_tls=True) as relay:
        with watched_camera(relay) as bystanders:
            yield relay, *bystanders


@pytest.fixture
def relay(besieged):
    """The besieged relay; afterwards nobody has noticed anything and nothing is left behind."""
    relay, uploader, watcher = besieged
    before = relay.descriptors()
    seen = len(watcher.numbers)
    yield relay
    wait_until(lambda: relay.descriptors() <= before, 20 * PATIENCE, "the descriptors come back")
    watcher.wait_for(seen + 2)
    uploader.check_undisturbed()
    watcher.check_undisturbed()


def bare(relay, **options) -> Wire:
    """A connection to the TLS port on which nothing has been said yet."""
    return Wire(int(relay.tls_port), **options)


def failures(relay) -> float:
    return relay.metric('evrelay_tls_handshakes_total{result="failed"}')


@pytest.mark.parametrize("hello", HELLOS.values(), ids=HELLOS.keys())
def test_a_hello_that_drips_is_cut_off_by_the_total_time_of_a_head(relay, hello):
    before = failures(relay)
    with bare(relay) as wire:
        began = time.monotonic()
        for byte in hello:
            if not wire.is_silent_for(0.2) or not wire.send_unless_ended(bytes([byte])):
                break
            assert time.monotonic() - began < 3 * PATIENCE, "still accepted"
        assert time.monotonic() - began > 0.8, "cut off before its time"
        assert wire.ends_within(2 * PATIENCE)
    assert failures(relay) == before + 1


@pytest.mark.parametrize("sent", [b"", HELLOS["1.2"][:5], HELLOS["1.3"][:99], HELLOS["1.2"], HELLOS["1.3"]],
                         ids=["nothing", "a record's head", "half a hello", "a hello of 1.2", "a hello of 1.3"])
def test_a_handshake_that_stops_is_ended(relay, sent):
    with bare(relay) as wire:
        wire.send(sent)
        assert wire.ends_within(3 * PATIENCE)


def test_a_handshake_and_the_request_behind_it_have_one_time_together(relay):
    with relay.connect() as wire:
        assert wire.ends_within(3 * PATIENCE)
    with relay.connect() as wire:
        began = time.monotonic()
        for byte in ONE_REQUEST[:30]:
            if not wire.is_silent_for(0.1) or not wire.send_unless_ended(bytes([byte])):
                break
        assert time.monotonic() - began < 2.5 * PATIENCE


@pytest.mark.parametrize("pieces", [1, 7, 100])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_a_good_handshake_in_pieces_is_a_good_handshake(relay, version, pieces):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(str(relay.authority))
    context.minimum_version = context.maximum_version = version
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with bare(relay) as wire:
        def exchange(step):
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    send_in_pieces()
                    data = wire.socket.recv(65536)
                    assert data, "the relay ended the connection"
                    incoming.write(data)

        def send_in_pieces():
            data = outgoing.read()
            for start in range(0, len(data), pieces):
                wire.send(data[start:start + pieces])

        exchange(tls.do_handshake)
        # One record a byte.
        for byte in ONE_REQUEST:
            tls.write(bytes([byte]))
        send_in_pieces()
        assert exchange(lambda: tls.read(100)).startswith(b"HTTP/1.1 200 ")


@contextlib.contextmanager
def interactive(relay, *flags: str):
    """openssl's client as somebody would type into it. Yields what sends a line, and what waits for words."""
    process = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{int(relay.tls_port)}", *flags], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
    seen = bytearray()

    def type_line(line: bytes):
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(line)

    def wait_for(words: bytes, seconds: float = 20):
        def came() -> bool:
            if select.select([process.stdout], [], [], 0)[0]:
                seen.extend(os.read(process.stdout.fileno(), 65536))
            return words in seen
        wait_until(came, seconds, f"{words!r} from openssl")
    try:
        yield type_line, wait_for
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_a_renegotiation_in_tls_1_2_is_refused(relay):
    with interactive(relay, "-tls1_2") as (type_line, wait_for):
        wait_for(b"Verify return code")
        type_line(b"R\n")
        wait_for(b"RENEGOTIATING")
        wait_for(b"no renegotiation")


def test_new_keys_in_tls_1_3_are_no_renegotiation_and_work(start_relay, authority):
    relay = start_relay(pairs=[authority.local()])
    with interactive(relay, "-tls1_3") as (type_line, wait_for):
        wait_for(b"Verify return code")
        type_line(b"K\n")
        wait_for(b"KEYUPDATE")
        type_line(ONE_REQUEST)
        wait_for(b"HTTP/1.1 200 ")


def test_early_data_is_refused(relay, tmp_path):
    """It can be sent again by anybody who recorded it."""
    session, request = str(tmp_path / "session.pem"), tmp_path / "request"
    request.write_bytes(ONE_REQUEST)
    first = s_client(relay.tls_port, "-tls1_3", "-sess_out", session)
    assert first.find(r"Max Early Data: 0$"), first
    again = s_client(relay.tls_port, "-tls1_3", "-sess_in", session, "-early_data", str(request))
    assert again.find("Early data was (not sent|rejected)") and not again.find("Early data was accepted"), again


def test_slow_handshakes_in_number_hold_nobody_up(relay):
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(bare(relay)) for _ in range(200)]
        for number, wire in enumerate(slow):
            wire.send(HELLOS["1.3"][:number])
        began = time.monotonic()
        for _ in range(10):
            assert relay.get("/healthz").status == 200
        assert time.monotonic() - began < 2 * PATIENCE
        wait_until(lambda: all(wire.ends_within(0.01) for wire in slow), 10 * PATIENCE, "all of them are ended")


@pytest.mark.parametrize("request_line", [b"GET / HTTP/1.1", b"POST /upload HTTP/1.0", b"PUT /x HTTP/1.1",
                                          b"HEAD / HTTP/1.1"])
def test_plain_http_on_the_tls_port_is_told_so(relay, request_line):
    with bare(relay) as wire:
        wire.send(request_line + b"\r\nHost: localhost\r\n\r\n")
        answer = wire.response()
        assert answer.status == 400 and answer.json()["reason"] == "http-on-tls-port", answer
        assert "https" in answer.json()["message"] and answer.headers["connection"] == "close"
        assert wire.ends_within(2 * PATIENCE) and not wire.buffer


GARBAGE = {
    "another method of HTTP": b"DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n", "zeros": bytes(1000),
    "random bytes": random.Random(4).randbytes(5000), "a line": b"hello?\r\n",
    "an ssh client": b"SSH-2.0-OpenSSH_9.2\r\n", "an alert": record(ALERT, b"\x02\x28"),
    "data before a handshake": record(23, bytes(100)), "an empty handshake": record(HANDSHAKE, b""),
    "a hello of no length": record(HANDSHAKE, b"\x01\x00\x00\x00"),
    "a hello of SSL 2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(40),
    "a hello that promises 16 MB": record(HANDSHAKE, b"\x01\xff\xff\xff" + bytes(16000)) * 20,
    "a hello of random bytes": record(HANDSHAKE, b"\x01\x00\x07\xd0" + random.Random(5).randbytes(2000)),
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_ends_the_connection(relay, data):
    with bare(relay) as wire:
        wire.send_unless_ended(data)
        assert wire.ends_within(3 * PATIENCE)
        assert len(wire.buffer) < 1000


def test_a_record_that_is_too_large_is_refused_by_its_head(relay):
    for length in (0x4801, 0xFFFF):
        head = b"\x16\x03\x01" + length.to_bytes(2, "big")
        assert answer_to(relay.tls_port, head + bytes(100)) in (Answer(alert=RECORD_OVERFLOW), Answer())
    with relay.connect() as wire:
        stream = Stream(wire)
        assert stream.frame()
        # Below TLS, where only the relay can see it.
        with socket.socket(fileno=os.dup(wire.socket.fileno())) as below:
            below.sendall(b"\x17\x03\x03\x48\x01" + bytes(100))
        wait_until(lambda: ended(stream), 10 * PATIENCE, "the stream's end")


def ended(stream: Stream) -> bool:
    try:
        return stream.frame() is None
    except (OSError, ConnectionEnded):
        return True


@pytest.mark.parametrize("hello", HELLOS.values(), ids=HELLOS.keys())
def test_tls_on_the_plain_port_ends_the_connection(relay, hello):
    with Wire(relay.plain_port) as wire:
        wire.send(hello)
        assert wire.ends_within(3 * PATIENCE)
        assert not wire.buffer or wire.buffer.startswith(b"HTTP/1.1 400 "), wire.buffer


@pytest.mark.release_only
def test_five_thousand_connections_cost_no_memory(start_relay, authority):
    """Good hellos whose handshake nobody finishes, halves of hellos, and plain HTTP, in turn."""
    kinds = [HELLOS["1.3"], HELLOS["1.2"], HELLOS["1.3"][:60], ONE_REQUEST, b"\x16\x03\x01\xff\xff" + bytes(3000)]
    relay = start_relay(pairs=[authority.local()], over_tls=True)
    before = relay.descriptors()

    def attempts(count: int):
        for start in range(0, count, 100):
            with contextlib.ExitStack() as stack:
                for number in range(start, start + 100):
                    wire = stack.enter_context(bare(relay))
                    wire.send_unless_ended(kinds[number % len(kinds)])
                    if number % 2:
                        wire.reset()
            # So that not more and not fewer than a hundred are ever open.
            wait_until(lambda: relay.descriptors() <= before, 20 * PATIENCE, "a hundred connections end")
    attempts(1000)
    taken = relay.resident_bytes()
    attempts(5000)
    grown = relay.resident_bytes() - taken
    assert grown < 8 << 20, f"{grown >> 10} KiB more"
    assert relay.get("/healthz").status == 200


def test_connections_over_the_maximum_end_and_the_others_go_on(start_relay, authority):
    relay = start_relay("--max-connections-per-address", "8", pairs=[authority.local()], over_tls=True)
    with watched_camera(relay), contextlib.ExitStack() as stack:
        many = [stack.enter_context(bare(relay)) for _ in range(20)]
        # Each has made room for a later one, and the camera and its viewer stay.
        wait_until(lambda: sum(wire.ends_within(0.01) for wire in many) == 14, 10 * PATIENCE, "14 are ended")
        assert serves(relay)
        for wire in many:
            wire.close()
        wait_until(lambda: serves(relay), 10 * PATIENCE, "connections are accepted again")


def serves(relay) -> bool:
    try:
        return relay.get("/healthz").status == 200
    except (OSError, ConnectionEnded):
        return False
