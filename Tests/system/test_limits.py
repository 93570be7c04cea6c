# SPDX-License-Identifier: MIT
"""Each limit that a flag sets: what is over it is refused as documented, and what is under it goes on."""

import contextlib
import re
import time

import pytest

import pictures
from conftest import watched_camera
from settings import PATIENCE, REPOSITORY
from viewer import Stream
from waiting import wait_until
from wire import Wire

JPEG = "Content-Type: image/jpeg"


def refused(response, status: int, reason: str):
    """Checks a refusal: status, reason, words for people, and when to come back."""
    assert response.status == status, response
    body = response.json()
    assert body["status"] == status and body["reason"] == reason and body["message"], body
    assert response.headers["cache-control"] == "no-store", response
    if status == 503:
        assert int(response.headers["retry-after"]) >= 1, response


def drip(wire: Wire, data: bytes, seconds: float, pause: float = 0.05) -> float:
    """Sends one byte every `pause` until something comes back or the connection ends; returns how long that took."""
    began = time.monotonic()
    for byte in data:
        if not wire.is_silent_for(pause) or not wire.send_unless_ended(bytes([byte])):
            break
        assert time.monotonic() - began < seconds * PATIENCE, f"still accepted after {seconds} s"
    return time.monotonic() - began


@contextlib.contextmanager
def connections(relay, count: int):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(relay.connect()) for _ in range(count)]


def test_connections_over_the_maximum_are_refused_and_the_others_go_on(start_relay):
    relay = start_relay("--max-connections", "12")
    with watched_camera(relay):
        with connections(relay, 30) as many:
            for wire in many:
                wire.send_unless_ended(b"GET /stream/other HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wait_until(lambda: all(wire.ends_within(0.01) or wire.buffer for wire in many))
            kept = [wire for wire in many if wire.buffer.startswith(b"HTTP/1.1 200 ")]
            assert len(kept) == 10, f"{len(kept)} of 30 connections kept beside two"
            for wire in many:
                assert wire in kept or not wire.buffer or wire.buffer.startswith(b"HTTP/1.1 503 "), wire.buffer
        wait_until(lambda: serves(relay), what="connections are accepted again")


def serves(relay) -> bool:
    """Whether a new connection is served: one over the limit is answered 503 or just ended."""
    with relay.connect() as wire:
        return (wire.send_unless_ended(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                and wire.rest().startswith(b"HTTP/1.1 200 "))


def test_connections_of_one_address_over_the_maximum_are_refused(start_relay):
    relay = start_relay("--max-connections-per-address", "8")
    with watched_camera(relay):
        with connections(relay, 20) as many:
            for wire in many:
                wire.send_unless_ended(b"GET /stream/other HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wait_until(lambda: all(wire.ends_within(0.01) or wire.buffer for wire in many))
            served = [wire for wire in many if wire.buffer.startswith(b"HTTP/1.1 200 ")]
            assert len(served) == 6, f"{len(served)} served beside two"
            for wire in many:
                if wire not in served and wire.buffer:
                    refused(wire.response(), 429, "too-many-connections")
        wait_until(lambda: serves(relay))


@pytest.mark.over_tls_too
def test_viewers_over_the_maximum_are_refused(start_relay):
    relay = start_relay("--max-viewers", "3")
    with watched_camera(relay), relay.connect() as second, relay.connect() as third:
        Stream(second)
        Stream(third, "/stream/other")
        refused(relay.get("/stream"), 503, "viewers-full")
        refused(relay.get("/?action=stream"), 503, "viewers-full")
        assert relay.get("/snapshot").status == 200
        second.close()
        wait_until(lambda: relay.camera()["viewers"] == 1)
        with relay.connect() as fourth:
            assert Stream(fourth, "/stream?frames=1").frame()


@pytest.mark.over_tls_too
def test_viewers_of_one_camera_over_the_maximum_are_refused(start_relay):
    relay = start_relay("--max-viewers-per-camera", "2")
    with watched_camera(relay), relay.connect() as second, relay.connect() as other:
        Stream(second)
        refused(relay.get("/stream"), 503, "viewers-full")
        Stream(other, "/stream/other")


@pytest.mark.over_tls_too
def test_cameras_over_the_maximum_are_refused_until_one_is_forgotten(start_relay):
    relay = start_relay("--max-cameras", "2", "--stale-after", "100ms", "--offline-after", "200ms",
                        "--forget-after", "1s")
    with watched_camera(relay):
        assert relay.upload(pictures.numbered(1), "door").status == 200
        refused(relay.upload(pictures.numbered(1), "attic"), 503, "cameras-full")
        assert [camera["name"] for camera in relay.get("/cameras").json()["cameras"]] == ["default", "door"]
        wait_until(lambda: relay.get("/cameras/door").status == 404, 10, "the camera door is forgotten")
        assert relay.upload(pictures.numbered(1), "attic").status == 200


@pytest.mark.over_tls_too
def test_a_frame_over_the_maximum_is_refused_before_its_body(start_relay):
    whole = pictures.numbered(1)
    relay = start_relay("--max-frame-bytes", f"{len(whole)}B")
    with watched_camera(relay), relay.connect() as wire:
        wire.request("POST", "/upload", JPEG, f"Content-Length: {len(whole) + 1}")
        refused(wire.response("POST"), 413, "frame-too-large")
        for fields in (["Expect: 100-continue"], []):
            with relay.connect() as again:
                again.request("POST", "/upload", JPEG, f"Content-Length: {1 << 40}", *fields)
                refused(again.response("POST"), 413, "frame-too-large")


@pytest.mark.over_tls_too
def test_a_streamed_frame_over_the_maximum_is_refused(start_relay):
    whole = pictures.numbered(1)
    relay = start_relay("--max-frame-bytes", f"{len(whole)}B")
    parts = {
        "declared": b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (len(whole) + 1),
        "undeclared": b"--x\r\nContent-Type: image/jpeg\r\n\r\n" + whole[:-2] + bytes(100_000),
    }
    with watched_camera(relay):
        for body in parts.values():
            with relay.connect() as wire:
                wire.request("POST", "/upload/door", "Content-Type: multipart/x-mixed-replace; boundary=x",
                             "Transfer-Encoding: chunked", body=b"%x\r\n%b\r\n" % (len(body), body))
                refused(wire.response("POST"), 413, "frame-too-large")
                assert wire.ends_within(5)
        assert relay.get("/cameras/door").status == 404


@pytest.mark.over_tls_too
def test_a_head_over_the_maximum_is_refused(start_relay):
    relay = start_relay("--max-header-bytes", "1KiB", "--max-header-fields", "10")
    fits = ["X-Field: " + "x" * 700]
    too_large = ["X-Field: " + "x" * 1024]
    with watched_camera(relay):
        assert relay.get("/healthz", *fits).status == 200
        refused(relay.get("/healthz", *too_large), 431, "head-too-large")
        # With Host and Connection these are ten and eleven.
        assert relay.get("/healthz", *[f"X-{number}: 1" for number in range(8)]).status == 200
        refused(relay.get("/healthz", *[f"X-{number}: 1" for number in range(9)]), 431, "head-too-large")
        with relay.connect() as wire:
            wire.send(b"GET /" + b"x" * 2000)
            refused(wire.response(), 431, "head-too-large")


@pytest.mark.over_tls_too
@pytest.mark.valgrind
def test_a_head_that_drips_is_cut_off_by_its_total_time(start_relay):
    relay = start_relay("--header-timeout", "500ms")
    with watched_camera(relay), relay.connect() as silent, relay.connect() as first, relay.connect() as second:
        second.request("GET", "/healthz")
        assert second.response().status == 200
        for name, wire in (("the first head", first), ("the second head of a kept connection", second)):
            took = drip(wire, b"GET /healthz HTTP/1.1\r\nHost: " + b"x" * 500, 2)
            assert took > 0.3, f"{name}: cut off before its time"
            assert wire.ends_within(2 * PATIENCE), name
        assert silent.ends_within(2 * PATIENCE), "a connection that never sent a byte is still open"


@pytest.mark.over_tls_too
def test_a_body_that_drips_is_cut_off_by_its_total_time(start_relay):
    relay = start_relay("--body-timeout", "500ms")
    frame = pictures.numbered(1)
    streaming = "Content-Type: multipart/x-mixed-replace; boundary=x"
    part = b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(frame)
    with watched_camera(relay):
        for name, fields, body in (
                ("one frame", [JPEG, f"Content-Length: {len(frame)}"], frame),
                ("a part", [streaming, f"Content-Length: {len(part) + len(frame)}"], part + frame)):
            with relay.connect() as wire:
                wire.request("POST", "/upload/door", *fields)
                took = drip(wire, body, 3)
                assert took > 0.4, f"{name}: cut off before its time"
                if not wire.ends_within(2 * PATIENCE) or wire.buffer:
                    refused(wire.response("POST"), 408, "too-slow")
        assert relay.get("/cameras/door").status == 404


@pytest.mark.over_tls_too
def test_a_streaming_upload_has_its_time_per_frame_and_not_in_all(start_relay):
    relay = start_relay("--body-timeout", "600ms")
    frame = pictures.numbered(1)
    part = b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(frame), frame)
    with watched_camera(relay), relay.connect() as wire:
        wire.request("POST", "/upload/door", "Content-Type: multipart/x-mixed-replace; boundary=x",
                     f"Content-Length: {len(part) * 6 + 5}")
        for _ in range(6):
            wire.send(part)
            assert wire.is_silent_for(0.3)
        wire.send(b"--x--")
        answer = wire.response("POST")
        assert answer.status == 200 and answer.json()["frames"] == 6, answer


@pytest.mark.over_tls_too
def test_a_kept_connection_without_requests_is_closed_after_the_idle_time(start_relay):
    relay = start_relay("--idle-timeout", "500ms")
    with watched_camera(relay), relay.connect() as wire, relay.connect() as waiting:
        # No frame comes to this viewer, but it is no idle connection.
        Stream(waiting, "/stream/not-yet")
        wire.request("GET", "/healthz")
        assert wire.response().status == 200
        assert wire.ends_within(2.5 * PATIENCE)
        assert waiting.is_silent_for(0.5)


@pytest.mark.over_tls_too
@pytest.mark.valgrind
def test_a_stalled_viewer_is_disconnected_after_the_stall_time(start_relay):
    # Valgrind takes more than half a second for a handshake, in which nothing else is written.
    relay = start_relay("--stall-timeout", "2s")
    with watched_camera(relay), relay.connect(receive_buffer=4096) as stalled:
        stalled.request("GET", "/stream")
        wait_until(lambda: relay.camera()["viewers"] == 2)
        wait_until(lambda: relay.camera()["viewers"] == 1, 20, "the viewer that reads nothing is gone")


def test_a_viewer_may_send_as_much_as_the_document_says(relay):
    """The document said that a viewer who sends anything is disconnected; the code allowed 4,096 bytes."""
    text = (REPOSITORY / "docs/protocol.md").read_text()
    limit = int(re.search(r"up to ([0-9,]+) bytes are dropped, more end its connection", text)[1].replace(",", ""))
    relay.upload(pictures.numbered(1))
    for count in (1, limit):
        with relay.connect() as wire:
            stream = Stream(wire)
            assert pictures.number_of(stream.frame()) == 1
            wire.send(b"x" * count)
            relay.upload(pictures.numbered(2))
            assert pictures.number_of(stream.frame()) == 2
            if count == limit:
                wire.send(b"x")
                assert wire.ends_within(5), "one byte more was accepted"
        relay.upload(pictures.numbered(1))
    relay.wait_for_line("viewer left .*reason=abuse")
