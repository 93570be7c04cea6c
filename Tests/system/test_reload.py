# SPDX-License-Identifier: MIT
"""SIGHUP reads the settings anew; what is running goes on."""

import signal

import pytest

import pictures
from conftest import watched_camera
from waiting import wait_until

FAILED = "error reload failed"


@pytest.fixture
def file(tmp_path):
    """The configuration file, at first without a setting."""
    path = tmp_path / "evrelay.conf"
    path.write_text("# nothing\n")
    return path


def reload(relay, file, text: str, lines: int = 1, pattern: str = r" reloaded\b") -> str:
    """Lets the relay read this file, and returns the line about it."""
    file.write_text(text)
    relay.signal(signal.SIGHUP)
    return relay.wait_for_line(pattern, lines)


@pytest.mark.valgrind
def test_limits_of_a_changed_file_hold_for_what_comes_and_viewers_stay(start_relay, file):
    relay = start_relay("--config", str(file))
    with watched_camera(relay) as (_, watcher):
        line = reload(relay, file, "EVRELAY_MAX_VIEWERS=1\nEVRELAY_MAX_CAMERAS=1\n")
        assert "max-viewers" in line and "max-cameras" in line and "listen" not in line, line
        for answer in (relay.get("/stream"), relay.upload(pictures.numbered(1), "door")):
            assert answer.status == 503 and answer.json()["reason"] in ("viewers-full", "cameras-full"), answer
        watcher.wait_for(len(watcher.numbers) + 5)


def test_every_kind_of_limit_follows_the_file(start_relay, file):
    relay = start_relay("--config", str(file))
    frame = pictures.numbered(1)
    assert relay.upload(frame).status == 200
    reload(relay, file, "EVRELAY_MAX_FRAME_BYTES=1KiB\nEVRELAY_MAX_CAMERAS=1\nEVRELAY_STALE_AFTER=100ms\n"
                        "EVRELAY_ALLOW_ORIGIN=https://example.org\n")
    assert relay.upload(frame).status == 413
    small = b"\xff\xd8" + frame[2:22] + frame[22:900]
    assert relay.upload(small, "door").json()["reason"] != "frame-too-large"
    wait_until(lambda: relay.camera()["state"] == "stale", 2)
    allowed = relay.get("/cameras", "Origin: https://example.org").headers
    assert allowed["access-control-allow-origin"] == "https://example.org"
    # A setting that is no longer in the file has its default again.
    reload(relay, file, "", 2)
    assert relay.upload(frame).status == 200 and relay.upload(frame, "door").status == 200
    assert "access-control-allow-origin" not in relay.get("/cameras", "Origin: https://example.org").headers


@pytest.mark.parametrize(("broken", "named"), [
    ("EVRELAY_MAX_VIEWERS=1\nEVRELAY_MAX_CAMERAS=none\n", ["EVRELAY_MAX_CAMERAS", "line 2", "none"]),
    ("\n\nEVRELAY_MAX_VIEWER=1\n", ["EVRELAY_MAX_VIEWER", "line 3"]),
    ("EVRELAY_MAX_VIEWERS=1\nnonsense\n", ["line 2"]),
])
def test_a_broken_file_changes_nothing_and_is_one_error_with_file_and_line(start_relay, file, broken, named):
    relay = start_relay("--config", str(file), expected_problems=(FAILED,))
    with watched_camera(relay):
        line = reload(relay, file, broken, pattern=FAILED)
        for word in [str(file), *named]:
            assert word in line, line
        assert relay.upload(pictures.numbered(1), "door").status == 200
        with relay.connect() as wire:
            wire.request("GET", "/stream")
            assert wire.head().status == 200, "the limit of viewers is as it was"
        reload(relay, file, "EVRELAY_MAX_VIEWERS=1\n")
        assert len(relay.log_lines(FAILED)) == 1


def test_a_file_that_is_gone_changes_nothing(start_relay, file):
    relay = start_relay("--config", str(file), "--max-viewers", "7", expected_problems=(FAILED,))
    file.unlink()
    relay.signal(signal.SIGHUP)
    assert str(file) in relay.wait_for_line(FAILED)
    assert b"evrelay_viewers_limit 7\n" in relay.get("/metrics").body


def test_what_needs_a_restart_is_named_and_stays(start_relay, file):
    relay = start_relay("--config", str(file), "--threads", "1", expected_problems=("change only with a restart",))
    line = reload(relay, file, "EVRELAY_MAX_HEADER_BYTES=600\nEVRELAY_WEB_ROOT=/nowhere\nEVRELAY_MAX_VIEWERS=3\n"
                               "EVRELAY_THREADS=4\n", pattern="warning .*change only with a restart")
    assert "max-header-bytes" in line and "web-root" in line and "max-viewers" not in line, line
    # Typed as a flag, which beats the file now as it did at the start.
    assert "threads" not in line, line
    assert relay.get("/healthz", "X-Long: " + "x" * 1000).status == 200
    assert relay.get("/").status == 200
    assert b"evrelay_viewers_limit 3\n" in relay.get("/metrics").body


def test_the_level_of_the_log_follows_the_file(start_relay, file):
    relay = start_relay("--config", str(file))
    relay.upload(pictures.numbered(1))
    assert not relay.log_lines(" debug ")
    reload(relay, file, "EVRELAY_LOG_LEVEL=debug\n")
    relay.upload(pictures.numbered(2))
    relay.wait_for_line(r" debug request .*path=/upload\b")
    reload(relay, file, "EVRELAY_LOG_LEVEL=notice\n", 2)
    before = len(relay.lines)
    relay.get("/")
    relay.stop()
    assert not [line for line in relay.lines[before:] if " info " in line or " debug " in line], relay.lines


def test_a_reload_without_a_file_keeps_flags_and_variables(start_relay):
    relay = start_relay("--max-viewers", "7", extra={"EVRELAY_MAX_CAMERAS": "5"})
    relay.signal(signal.SIGHUP)
    relay.wait_for_line(r" reloaded\b")
    metrics = relay.get("/metrics").body
    assert b"evrelay_viewers_limit 7\n" in metrics and b"evrelay_cameras_limit 5\n" in metrics
    assert b'evrelay_reloads_total{result="ok"} 1\n' in metrics


def test_a_hundred_reloads_in_a_row_disturb_nobody(start_relay, file):
    relay = start_relay("--config", str(file))
    with watched_camera(relay) as (_, watcher):
        for number in range(100):
            file.write_text(f"EVRELAY_MAX_VIEWERS={number + 10}\n")
            relay.signal(signal.SIGHUP)
        wait_until(lambda: b"evrelay_viewers_limit 109\n" in relay.get("/metrics").body)
        watcher.wait_for(len(watcher.numbers) + 3)
