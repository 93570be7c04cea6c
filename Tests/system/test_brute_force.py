# SPDX-License-Identifier: MIT
"""Whoever guesses keys becomes slower and slower and is then refused, and can lock nobody else out."""

import contextlib
import socket
import threading
import time

import pytest

import pictures
from conftest import running_relay, watched_camera
from credentials import Issuer, bearer, denied, new_key, write_keys
from settings import PATIENCE
from waiting import wait_until

GOOD, OTHER = new_key(), new_key()
GUESSER, NEIGHBOUR = "127.0.0.2", "127.0.0.3"
PROXIED = ("--trusted-proxy", "127.0.0.1")


@pytest.fixture
def flags(tmp_path) -> list[str]:
    keys = write_keys(tmp_path / "keys", f"{GOOD} publish,view,observe *", f"{OTHER} view *")
    return ["--private", "--keys", str(keys), "--max-key-failures", "5", "--key-failure-time", "3s"]


@pytest.fixture
def relay(start_relay, flags):
    relay = start_relay(*flags)
    assert relay.upload(pictures.numbered(1), "", bearer(GOOD)).status == 200
    return relay


def look(relay, key: str, *fields: str, source: str = ""):
    return relay.get("/snapshot", bearer(key), *fields, source=source)


def guess(relay, count: int, *fields: str, source: str = "") -> list[float]:
    """Wrong keys one after the other; how long each answer took."""
    took = []
    for _ in range(count):
        began = time.monotonic()
        denied(look(relay, new_key(), *fields, source=source), 401, "key-wrong")
        took.append(time.monotonic() - began)
    return took


def is_refused(answer) -> bool:
    if answer.status != 429:
        return False
    assert answer.json()["reason"] == "too-many-wrong-keys" and int(answer.headers["retry-after"]) >= 1, answer
    return True


def test_wrong_keys_are_answered_later_and_later_and_then_not_looked_at(relay):
    took = guess(relay, 5, source=GUESSER)
    for seconds, least in zip(took, (0, 0, 0.25, 0.5, 1), strict=True):
        assert least <= seconds < least + 0.6 * PATIENCE, took
    began = time.monotonic()
    assert is_refused(look(relay, new_key(), source=GUESSER))
    # A right one that has never been used from there tells a guesser nothing either.
    assert is_refused(look(relay, OTHER, source=GUESSER))
    assert time.monotonic() - began < 0.5 * PATIENCE, "a refusal costs no time"
    assert look(relay, OTHER, source=NEIGHBOUR).status == 200


def test_nobody_loses_what_took_no_key(start_relay, flags):
    relay = start_relay(*flags[1:])
    relay.upload(pictures.numbered(1), "", bearer(GOOD))
    for _ in range(10):
        assert look(relay, new_key(), source=GUESSER).status == 200, "no key was asked for, so none was wrong"
    assert relay.get("/", source=GUESSER).status == 200


def test_a_key_that_was_good_from_there_before_stays_good(relay):
    """Neighbours behind one address, of whom one guesses."""
    assert look(relay, GOOD, source=GUESSER).status == 200
    guess(relay, 5, source=GUESSER)
    assert is_refused(look(relay, new_key(), source=GUESSER))
    for _ in range(3):
        assert look(relay, GOOD, source=GUESSER).status == 200
        assert is_refused(look(relay, OTHER, source=GUESSER))


def test_the_refusal_ends_when_nobody_has_guessed_for_long_enough(relay):
    guess(relay, 5, source=GUESSER)
    assert is_refused(look(relay, OTHER, source=GUESSER))
    wait_until(lambda: look(relay, OTHER, source=GUESSER).status == 200, 10 * PATIENCE, "the refusal's end")


def test_many_connections_at_once_are_no_way_around(relay):
    answers: list[int] = []

    def attempt():
        answers.append(look(relay, new_key(), source=GUESSER).status)
    threads = [threading.Thread(target=attempt) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 40 and set(answers) <= {401, 429}, answers
    assert answers.count(401) <= 10, f"{answers.count(401)} of 40 keys were looked at"
    assert is_refused(look(relay, new_key(), source=GUESSER))


def test_cameras_and_viewers_notice_nothing_of_it(start_relay, tmp_path):
    keys = write_keys(tmp_path / "keys", f"{GOOD} view,observe *")
    relay = start_relay("--keys", str(keys), "--max-key-failures", "4")
    with watched_camera(relay), contextlib.ExitStack() as stack:
        # Publishing from elsewhere takes a key; these wait for their slow answers all at the same time.
        wires = [stack.enter_context(relay.connect()) for _ in range(50)]
        for wire in wires:
            wire.upload(pictures.numbered(1), "", "X-Forwarded-For: 203.0.113.9", bearer(new_key()))
        for wire in wires:
            assert wire.response("POST").status in (401, 403, 429)


def test_behind_a_trusted_proxy_each_client_is_counted_for_itself(start_relay, flags):
    relay = start_relay(*flags, *PROXIED)
    guesser, neighbour = "X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 203.0.113.8"
    relay.upload(pictures.numbered(1), "", bearer(GOOD), neighbour)
    guess(relay, 5, guesser)
    assert is_refused(look(relay, OTHER, guesser))
    assert look(relay, OTHER, neighbour).status == 200
    # What a client itself writes in front of its address changes nothing.
    assert is_refused(look(relay, OTHER, "X-Forwarded-For: 198.51.100.1, 203.0.113.7"))


def test_ipv6_clients_are_counted_by_their_network(start_relay, flags):
    relay = start_relay(*flags, *PROXIED)
    relay.upload(pictures.numbered(1), "", bearer(GOOD), "X-Forwarded-For: 2001:db8::1")
    for number in range(5):
        guess(relay, 1, f"X-Forwarded-For: 2001:db8:1:2::{number + 1}")
    assert is_refused(look(relay, OTHER, "X-Forwarded-For: 2001:db8:1:2:ffff::9"))
    assert look(relay, OTHER, "X-Forwarded-For: 2001:db8:1:3::1").status == 200


def test_nobody_can_write_itself_another_address(relay):
    for number in range(5):
        guess(relay, 1, f"X-Forwarded-For: 203.0.113.{number}", source=GUESSER)
    assert is_refused(look(relay, OTHER, "X-Forwarded-For: 203.0.113.99", source=GUESSER))


def test_unix_sockets_are_never_refused(start_relay, flags, tmp_path):
    path = tmp_path / "relay.socket"
    relay = start_relay(*flags, "--listen", f"unix:{path}")

    def status(key: str) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(path))
            fields = f"Host: localhost\r\n{bearer(key)}\r\nConnection: close"
            connection.sendall(f"GET /cameras HTTP/1.1\r\n{fields}\r\n\r\n".encode())
            return connection.recv(100)[9:12]
    assert [status(new_key()) for _ in range(7)] == [b"401"] * 7
    assert status(GOOD) == b"200" and relay.is_running


def test_tokens_that_have_ended_are_no_failures_and_forged_ones_are(start_relay, flags, tmp_path):
    issuer = Issuer(tmp_path)
    relay = start_relay(*flags, *issuer.flags)
    relay.upload(pictures.numbered(1), "door", bearer(GOOD))
    ended = issuer.token(exp=int(time.time()) - 3600)
    for _ in range(8):
        denied(look(relay, ended, source=GUESSER), 401, "token-expired")
    assert relay.get("/snapshot/door", bearer(issuer.token()), source=GUESSER).status == 200
    other = Issuer(tmp_path / "..", b"x" * 40)
    for _ in range(5):
        denied(look(relay, other.token(), source=NEIGHBOUR), 401, "token-invalid")
    assert is_refused(look(relay, OTHER, source=NEIGHBOUR))


def test_requests_without_any_key_are_no_guesses(relay):
    """A browser's first request has none: the 401 is what makes it ask."""
    for _ in range(10):
        denied(relay.get("/snapshot", source=GUESSER), 401, "key-required")
    assert look(relay, OTHER, source=GUESSER).status == 200


@pytest.mark.release_only
def test_guessers_from_everywhere_cost_a_bounded_memory(flags):
    with running_relay(*flags, *PROXIED) as relay, relay.connect() as wire:
        def guess_from(first: int, last: int):
            for number in range(first, last):
                network = f"2001:db8:{number >> 8:x}:{number & 255:x}::1"
                wire.request("GET", "/snapshot", bearer(GOOD[:-1] + "~"), f"X-Forwarded-For: {network}")
                assert wire.response().status in (401, 429)
        guess_from(0, 20_000)
        before = relay.resident_bytes()
        guess_from(20_000, 40_000)
        assert relay.resident_bytes() - before < 2 << 20
