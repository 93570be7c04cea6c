# SPDX-License-Identifier: MIT
"""The time between SIGTERM and the end, and what an end without a goodbye leaves behind."""

import contextlib
import re
import signal
import time

import pytest

import pictures
from settings import PATIENCE
from viewer import Watcher
from waiting import wait_until


def connections(relay, state: str) -> int:
    """Connections in this state; the one that asks is in the state `head`."""
    page = relay.get("/metrics").body.decode()
    return int(re.search(rf'^evrelay_connections{{state="{state}"}} (\d+)$', page, re.MULTILINE).group(1))


@contextlib.contextmanager
def slow_upload(relay, frame: bytes):
    """An upload that has begun and waits for its rest."""
    with relay.connect() as wire:
        wire.request("POST", "/upload", "Content-Type: image/jpeg", f"Content-Length: {len(frame)}", body=frame[:999])
        wait_until(lambda: connections(relay, "upload") == 1, what="the upload has begun")
        yield wire


@pytest.mark.over_tls_too
def test_while_draining_it_is_alive_but_not_ready(start_relay):
    relay = start_relay("--drain-timeout", "30s")
    frame = pictures.numbered(1)
    assert relay.get("/readyz").json()["status"] == "ready"
    with slow_upload(relay, frame) as uploading, relay.connect() as ready, relay.connect() as health:
        # Begun before: nothing new is accepted while draining.
        ready.send(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n")
        health.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        assert ready.is_silent_for(0.2)
        relay.signal(signal.SIGTERM)
        relay.wait_for_line("draining")
        ready.send(b"\r\n")
        answer = ready.response()
        assert answer.status == 503 and answer.json()["reason"] == "draining" and answer.json()["status"] == 503
        assert "retry-after" in answer.headers
        health.send(b"\r\n")
        assert health.response().status == 200
        assert relay.is_running
        uploading.send(frame[999:])
        assert uploading.response("POST").status == 200
    assert relay.wait() == 0


@pytest.mark.over_tls_too
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR2], ids=["SIGTERM", "SIGUSR2"])
def test_what_never_ends_is_ended_after_the_drain_time(start_relay, number):
    relay = start_relay("--drain-timeout", "500ms", expected_problems=("drain time is over",))
    with slow_upload(relay, pictures.numbered(1)) as uploading:
        before = time.monotonic()
        relay.signal(number)
        assert relay.wait() == 0
        assert 0.4 < time.monotonic() - before < 2 * PATIENCE
        assert uploading.ends_within(1)


@pytest.mark.over_tls_too
def test_the_first_request_of_a_new_connection_is_answered_while_draining(start_relay):
    relay = start_relay("--drain-timeout", "30s")
    frame = pictures.numbered(1)
    with slow_upload(relay, frame) as uploading, relay.connect() as new, relay.connect() as silent:
        # Both are accepted, and have not said anything.
        wait_until(lambda: connections(relay, "head") == 3)
        relay.signal(signal.SIGTERM)
        relay.wait_for_line("draining")
        new.request("GET", "/healthz")
        answer = new.response()
        assert answer.status == 200 and answer.headers["connection"] == "close"
        assert silent.ends_within(2 * PATIENCE), "who says nothing does not hold up the end"
        uploading.send(frame[999:])
        assert uploading.response("POST").status == 200
    assert relay.wait() == 0


def test_a_killed_relay_can_start_again_on_its_port_at_once(start_relay):
    relay = start_relay()
    relay.upload(pictures.numbered(1))
    watcher = Watcher(relay.port)
    watcher.wait_for(1)
    for _ in range(3):
        relay.signal(signal.SIGKILL)
        assert relay.wait() == 128 + signal.SIGKILL
        relay = start_relay(listen=f"127.0.0.1:{relay.port}")
        assert relay.upload(pictures.numbered(1)).status == 200
    watcher.stop()


def test_viewers_are_back_within_two_seconds_of_a_restart(start_relay):
    relay = start_relay()
    relay.upload(pictures.numbered(1))
    watcher = Watcher(relay.port)
    watcher.wait_for(1)
    before = time.monotonic()
    relay.stop()
    relay = start_relay(listen=f"127.0.0.1:{relay.port}")
    relay.upload(pictures.numbered(2))
    again = Watcher(relay.port)
    again.wait_for(1)
    assert time.monotonic() - before < 2 * PATIENCE
    for each in (watcher, again):
        each.stop()
