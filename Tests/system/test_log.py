# SPDX-License-Identifier: MIT
"""What the relay says on standard error."""

import re

import pytest

import pictures
from conftest import watched_camera
from waiting import wait_until

LINE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z (debug|info|notice|warning|error) [^=]+( [a-z_.]+=.*)*")


@pytest.mark.valgrind
def test_one_line_for_each_coming_and_going_and_none_for_a_frame(start_relay):
    relay = start_relay("--stale-after", "200ms", "--offline-after", "400ms", "--forget-after", "1s")
    with watched_camera(relay, "door") as (uploader, watcher):
        watcher.wait_for(10)
        watched = len(relay.lines)
        watcher.wait_for(len(watcher.numbers) + 15)
        assert uploader.count > 15
        assert len(relay.lines) == watched, relay.lines[watched:]
        # Of the start, the camera's coming and the viewer's coming: a line or two each.
        assert watched <= 8, relay.lines
        assert len(relay.log_lines(r"viewer.*camera(\.id)?=door")) == 1, relay.lines
    wait_until(lambda: len(relay.log_lines(r"viewer.*camera(\.id)?=door")) == 2, what="a line for the viewer's going")
    wait_until(lambda: relay.get("/cameras/door").status == 404, what="the camera is forgotten")
    assert 2 <= len(relay.log_lines(r"camera(\.id)?=door")) <= 7, relay.lines


def test_every_line_has_a_time_a_level_and_words(relay):
    relay.upload(pictures.numbered(1))
    relay.stop()
    for line in relay.lines:
        assert LINE.fullmatch(line), line


def test_a_refusal_a_thousand_times_over_is_not_a_thousand_lines(relay):
    before = len(relay.lines)
    with relay.connect() as wire:
        for _ in range(1000):
            wire.request("POST", "/upload", "Content-Type: image/jpeg", "Content-Length: 3", body=b"not")
            assert wire.response("POST").status == 422
    assert len(relay.lines) - before < 20, relay.lines[before:][:30]


def test_a_name_cannot_forge_a_line(relay):
    relay.get("/stream/a%0A2026-11-22T18:00:00.123Z%20error%20forged")
    relay.get("/nothing/%0A%1B%5B31mforged")
    assert relay.get("/healthz").status == 200
    for line in relay.lines:
        assert LINE.fullmatch(line) and "\x1b" not in line, line


def test_the_level_decides_what_is_said(start_relay):
    relay = start_relay("--log-level", "notice")
    relay.upload(pictures.numbered(1))
    relay.stop()
    assert not relay.log_lines(r" (debug|info) ")
