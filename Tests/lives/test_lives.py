# SPDX-License-Identifier: MIT
"""Sixty seconds of drawn lives, and that the drawing and reading of them is what it claims to be.

EVRELAY_SEED=N begins with the round of this number; EVRELAY_LIVES_SECONDS=N takes more or less time.
"""

import os
import secrets

import pytest

import families
import images
from answers import Answers
from asks import Ask
from draw import round_from
from key_updates import KeyUpdateClient
from multipart import WrongBytes
from runs import run

HEALTHZ = Ask("/healthz", frozenset({200}), "any")
STREAM = Ask("/stream/door?frames=2", frozenset({200}), "stream door", frames=2)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_a_minute_of_drawn_lives_ends_nothing_and_leaves_nothing():
    seed = int(os.environ.get("EVRELAY_SEED") or secrets.randbelow(1_000_000))
    seconds = float(os.environ.get("EVRELAY_LIVES_SECONDS") or 60)
    said: list[str] = []
    status = run(seconds, seed, 1_000_000, tell=lambda text, **_: said.append(text))
    print("\n".join(said))
    assert status == 0, "\n".join(said[-150:])


def test_the_same_number_draws_the_same_round():
    for seed in range(20):
        assert round_from(seed) == round_from(seed)
    assert len({str(round_from(seed)) for seed in range(20)}) == 20


@pytest.mark.parametrize("name", sorted(families.NAMES))
def test_every_family_can_be_drawn_alone(name):
    for seed in range(3):
        assert all(burst.lives for burst in round_from(seed, name).bursts)


def test_every_family_and_every_kind_of_relay_is_drawn_by_itself():
    plans = [round_from(seed) for seed in range(300)]
    drawn = {burst.family for plan in plans for burst in plan.bursts}
    assert drawn == set(families.NAMES) - {"parked"}
    assert any(plan.parked for plan in plans)
    assert {plan.settings.access for plan in plans} == {"local", "keys", "private", "keys, then private"}
    assert {plan.settings.threads for plan in plans} == {1, 4}
    lives = [life for plan in plans for burst in plan.bursts for life in burst.lives]
    assert {life.transport for life in lives} == {"plain", "unix", "tls1.2", "tls1.3"}
    assert {life.sending.kind for life in lives} == {"whole", "cut", "drip"}
    assert {life.reading.kind for life in lives} == {"all", "slow", "never", "head", "stop"}
    assert {life.behind for life in lives} == {"", "fin", "reset", "close_notify", "close_notify+fin"}


def fed(data: bytes, *asks: Ask, piece: int) -> Answers:
    answers = Answers(asks, frozenset)
    for start in range(0, len(data), piece):
        answers.feed(data[start:start + piece])
    return answers


def stream_of(*frames: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\nConnection: close\r\n\r\n"
    parts = b"".join(
        b"\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\nX-Timestamp: 1795370000.123456\r\n\r\n%b\r\n--frame"
        % (len(frame), frame) for frame in frames)
    return head + b"--frame" + parts + b"--\r\n"


@pytest.mark.parametrize("piece", [1, 2, 7, 1000, 1 << 20])
def test_answers_are_read_from_pieces_of_every_size(piece):
    assert len(fed(ANSWER * 3, *[HEALTHZ] * 3, piece=piece).whole) == 3
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    answers = fed(chunked + ANSWER, HEALTHZ, HEALTHZ, piece=piece)
    assert [bytes(answer.body) for answer in answers.whole] == [b"{}", b"{}"]
    answers = fed(stream_of(images.frame("door", 1, 0), images.frame("door", 2, 0)), STREAM, piece=piece)
    answers.end()
    assert answers.is_complete and answers.frames == 2


@pytest.mark.parametrize("data", [
    b"HTTP/2 200 OK\r\n\r\n", b"<html>", ANSWER + ANSWER, ANSWER.replace(b"200", b"500"),
    ANSWER.replace(b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 2"),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n"])
def test_wrong_answers_are_told_from_right_ones(data):
    with pytest.raises(WrongBytes):
        fed(data, HEALTHZ, piece=1 << 20)


def test_torn_frames_and_frames_of_other_cameras_are_told_from_whole_ones():
    frame = images.frame("door", 1, 70_000)
    assert images.fault_of("door", frame) is None
    assert "torn" in images.fault_of("door", frame[:-1])
    assert "torn" in images.fault_of("door", frame[:40_000] + b"!" + frame[40_001:])
    for wrong in (images.frame("large", 1, 0), frame[:-1]):
        with pytest.raises(WrongBytes):
            fed(stream_of(wrong), STREAM, piece=1 << 20)


def test_a_client_of_changed_keys_begins_a_handshake_of_its_own():
    client = KeyUpdateClient()
    try:
        assert not client.shake_hands()
        assert client.outgoing()[:3] == b"\x16\x03\x01"
    finally:
        client.close()
