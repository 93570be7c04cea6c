# SPDX-License-Identifier: MIT
"""Hostile input while a viewer watches and a camera uploads: each gets its answer, and they notice nothing."""

import contextlib
import re

import pytest

import pictures
from conftest import running_relay, watched_camera
from hostile_requests import CLOSE, HOSTILE, Hostile
from settings import PATIENCE
from test_limits import drip
from viewer import Stream
from waiting import wait_until
from wire import Wire

pytestmark = pytest.mark.over_tls_too
FLAGS = ("--header-timeout", "1s", "--body-timeout", "2s", "--idle-timeout", "3s", "--stall-timeout", "1s",
         "--max-frame-bytes", "1MiB", "--frame-memory", "16MiB")


@pytest.fixture(scope="module")
def besieged(transport):
    """One relay for the whole file, with a camera, and a viewer who must see every frame from first to last."""
    with running_relay(*FLAGS, **transport) as relay, watched_camera(relay) as bystanders:
        yield relay, *bystanders


def check_bystanders(uploader, watcher):
    uploader.check_undisturbed()
    watcher.check_undisturbed()


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_request_gets_its_answer(besieged, hostile: Hostile):
    relay, *bystanders = besieged
    with relay.connect() as wire:
        wire.send_unless_ended(hostile.data)
        if hostile.must_end:
            assert wire.ends_within(5 * PATIENCE), f"still open; it answered {bytes(wire.buffer)!r}"
            statuses = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", wire.buffer)]
            assert len(statuses) <= 1, f"more than one answer, so something was smuggled in: {bytes(wire.buffer)!r}"
            answer = statuses[0] if statuses else CLOSE
        else:
            answer = wire.response().status
        assert answer in hostile.answers, f"{answer} instead of {hostile.answers}: {bytes(wire.buffer)!r}"
    check_bystanders(*bystanders)


@pytest.mark.parametrize("hostile", [h for h in HOSTILE if h.answers == (400,)][::4], ids=lambda hostile: hostile.name)
def test_a_refusal_is_json_that_says_why(besieged, hostile: Hostile):
    relay, *_ = besieged
    with relay.connect() as wire:
        wire.send_unless_ended(hostile.data)
        response = wire.response()
        body = response.json()
        assert body["status"] == 400 and re.fullmatch("bad-[a-z-]+", body["reason"]) and body["message"], body
        assert "\0" not in body["message"] and len(response.body) < 1000


def whole_upload(frame: bytes) -> bytes:
    return (b"POST /upload/door HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
            b"Content-Length: %d\r\n\r\n" % len(frame)) + frame


@pytest.mark.parametrize("pieces", [1, 7, 64])
def test_a_good_request_in_pieces_is_a_good_request(besieged, pieces):
    relay, *bystanders = besieged
    frame = pictures.numbered(1)
    whole = whole_upload(frame)
    head = whole[:120]
    with relay.connect() as wire:
        for start in range(0, len(head), pieces):
            wire.send(head[start:start + pieces])
        wire.send(whole[120:])
        assert wire.response("POST").status == 200
    check_bystanders(*bystanders)


def test_requests_in_one_packet_are_answered_in_order(besieged):
    relay, *bystanders = besieged
    targets = ["/healthz", "/cameras", "/nothing", "/snapshot", "/cameras/default"]
    with relay.connect() as wire:
        wire.send(b"".join(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for target in targets))
        assert [wire.response().status for _ in targets] == [200, 200, 404, 200, 200]
        frame = pictures.numbered(1)
        wire.send(whole_upload(frame) * 3)
        sequences = [wire.response("POST").json()["sequence"] for _ in range(3)]
        assert sequences == [sequences[0] + step for step in range(3)]
    check_bystanders(*bystanders)


ONE_FRAME = b"POST /upload/attic HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: 9999\r\n\r\n"
MANY_FRAMES = b"POST /upload/attic HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
# Where in each of these the connection is reset.
RESETS = {
    "at once": b"", "in a request line": b"GET /hea", "in a head": b"GET /healthz HTTP/1.1\r\nHos",
    "behind a head": b"GET /snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "in a body": ONE_FRAME + b"\xff\xd8",
    "in a stream": b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "while waiting for a frame": b"GET /snapshot?after=99999999999999 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "in a streaming upload": MANY_FRAMES + b"9\r\n--x\r\nCont",
}


@pytest.mark.valgrind
@pytest.mark.parametrize("data", RESETS.values(), ids=RESETS.keys())
@pytest.mark.parametrize("how", ["reset", "close"])
def test_connections_that_break_leave_nothing_behind(besieged, data, how):
    relay, *bystanders = besieged
    before = relay.descriptors()
    for round_number in range(20):
        wire = relay.connect()
        wire.send(data)
        if round_number % 2:
            wire.is_silent_for(0.01)
        getattr(wire, how)()
    wait_until(lambda: relay.descriptors() <= before, 10 * PATIENCE, "the descriptors come back")
    wait_until(lambda: relay.camera()["viewers"] == 1)
    assert relay.get("/cameras/attic").status == 404
    check_bystanders(*bystanders)


BEHIND_A_STREAM = {
    "one byte": b"x", "a request": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "zeros": bytes(65536),
    "a second stream": b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100,
}


@pytest.mark.valgrind
@pytest.mark.parametrize("data", BEHIND_A_STREAM.values(), ids=BEHIND_A_STREAM.keys())
def test_bytes_behind_a_stream_request_are_never_answered(besieged, data):
    relay, *bystanders = besieged
    for when in ("with the request", "later"):
        with relay.connect() as wire:
            request = b"GET /stream?frames=20 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            wire.send_unless_ended(request + data if when == "with the request" else request)
            if when == "later":
                assert wire.take_through(b"--frame\r\n")
                wire.send_unless_ended(data)
            wire.ends_within(2 * PATIENCE)
            answers = re.findall(rb"HTTP/1\.1 \d{3} ", wire.buffer)
            assert len(answers) <= 1, f"{when}: {answers}"
    wait_until(lambda: relay.camera()["viewers"] == 1)
    check_bystanders(*bystanders)


@pytest.mark.release_only
def test_a_flood_behind_a_stream_request_costs_no_memory(besieged):
    relay, *bystanders = besieged
    before = relay.resident_bytes()
    flooders: list[Wire] = []
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            wire = stack.enter_context(relay.connect(timeout=0.5))
            Stream(wire)
            flooders.append(wire)
        most = before
        for wire in flooders:
            for _ in range(200):
                try:
                    if not wire.send_unless_ended(bytes(65536)):
                        break
                except TimeoutError:
                    break
            most = max(most, relay.resident_bytes())
    assert most - before < 4 << 20, f"{(most - before) >> 20} MiB for bytes that nobody asked for"
    wait_until(lambda: relay.camera()["viewers"] == 1)
    check_bystanders(*bystanders)


def test_drips_hold_no_connection(besieged):
    relay, *bystanders = besieged
    before = relay.descriptors()
    frame = pictures.numbered(1)
    heads = {
        "a head": (b"", b"GET /healthz HTTP/1.1\r\nHost: " + b"x" * 500),
        "line ends": (b"", b"\r\n" * 250),
        "a body": (ONE_FRAME, frame),
        "a chunk": (MANY_FRAMES + b"2000\r\n", b"--x\r\n" + frame),
        "a chunk's size": (MANY_FRAMES, b"0" * 500),
        "single chunks": (MANY_FRAMES, b"".join(b"1\r\n%c\r\n" % byte for byte in b"--x\r\nX: " + b"y" * 500)),
    }
    for name, (begin, dripped) in heads.items():
        with relay.connect() as wire:
            wire.send(begin)
            drip(wire, dripped, 5)
            assert wire.ends_within(3 * PATIENCE), name
    wait_until(lambda: relay.descriptors() <= before)
    check_bystanders(*bystanders)


@pytest.mark.release_only
def test_the_whole_table_again_and_again_leaves_no_memory_and_no_descriptor(besieged):
    relay, *bystanders = besieged
    descriptors = relay.descriptors()

    def all_at_once():
        for start in range(0, len(HOSTILE), 50):
            with contextlib.ExitStack() as stack:
                for hostile in HOSTILE[start:start + 50]:
                    stack.enter_context(relay.connect()).send_unless_ended(hostile.data)

    def grows() -> int:
        before = relay.resident_bytes()
        for _ in range(5):
            all_at_once()
        wait_until(lambda: relay.descriptors() <= descriptors, what="the descriptors come back")
        return relay.resident_bytes() - before

    # What the first rounds take, the allocator keeps for the next; a leak would go on growing.
    growth = [grows()]
    while growth[-1] > 128 << 10 and len(growth) < 8:
        growth.append(grows())
    assert growth[-1] <= 128 << 10, f"it grew by {growth} bytes, {5 * len(HOSTILE)} hostile requests each time"
    check_bystanders(*bystanders)
