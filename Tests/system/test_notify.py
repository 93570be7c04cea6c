# SPDX-License-Identifier: MIT
"""What the service tells its manager: the words of sd_notify(3)."""

import signal
import time

import pytest

import pictures
from viewer import Uploader, Watcher
from waiting import wait_until


@pytest.mark.valgrind
def test_ready_is_told_once_and_only_when_the_port_answers(start_manager):
    # A port of the relay's own: a passed one would take connections before.
    manager = start_manager()
    relay = manager.start()
    ready = manager.wait_for("READY")
    assert ready["READY"] == "1" and ready["STATUS"] == "0 cameras live, 0 viewers"
    assert relay.get("/readyz").status == 200
    relay.stop()
    manager.catch_up()
    assert len(manager.having("READY")) == 1


def test_the_status_tells_of_cameras_and_viewers_and_only_when_they_change(manager):
    relay = manager.start("--stale-after", "1s", "--offline-after", "2s")
    relay.upload(pictures.numbered(1))
    relay.upload(pictures.numbered(1), "door")
    uploaders = [Uploader(relay.port), Uploader(relay.port, "door")]
    watcher = Watcher(relay.port)
    manager.wait_for("STATUS", "2 cameras live, 1 viewer")
    said = len(manager.having("STATUS"))
    watcher.wait_for(len(watcher.numbers) + 15)
    manager.catch_up()
    assert len(manager.having("STATUS")) == said, manager.messages[said:]
    for uploader in uploaders:
        uploader.stop()
    watcher.stop()
    manager.wait_for("STATUS", "0 cameras live, 0 viewers", count=2)
    times = [message["at"] for message in manager.having("STATUS")]
    assert all(later - earlier > 0.5 for earlier, later in zip(times[1:], times[2:], strict=False)), times


def test_stopping_is_told_at_sigterm(manager):
    relay = manager.start()
    manager.end(relay, signal.SIGTERM)
    assert [message["STOPPING"] for message in manager.having("STOPPING")] == ["1"]


def test_a_reload_is_told_with_its_time_and_ended_with_ready(manager):
    relay = manager.start()
    manager.wait_for("READY")
    for count in (2, 3):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        relay.signal(signal.SIGHUP)
        manager.wait_for("READY", count=count)
        (reloading,) = manager.having("RELOADING", "1")[count - 2:]
        told = int(reloading["MONOTONIC_USEC"])
        assert before <= told <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        words = [message for message in manager.messages if "RELOADING" in message or "READY" in message]
        assert "RELOADING" in words[-2] and "READY" in words[-1]


def test_a_notify_socket_in_the_abstract_namespace_works(start_manager, tmp_path):
    manager = start_manager(address=f"@evrelay-test/{tmp_path.name}-{time.monotonic_ns()}")
    manager.start()
    manager.wait_for("READY")


def test_without_a_notify_socket_nothing_is_said_about_it(relay):
    relay.upload(pictures.numbered(1))
    relay.signal(signal.SIGHUP)
    relay.wait_for_line(r" reloaded\b")
    relay.stop()
    assert not relay.log_lines("manager|NOTIFY|notify")


def test_a_notify_socket_that_has_gone_is_one_warning(start_relay, tmp_path):
    warning = r"warning .*service manager"
    relay = start_relay(extra={"NOTIFY_SOCKET": str(tmp_path / "gone"), "WATCHDOG_USEC": "150000"},
                        expected_problems=(warning,))
    for _ in range(3):
        relay.upload(pictures.numbered(1))
        relay.signal(signal.SIGHUP)
    relay.wait_for_line(r" reloaded\b")
    # A dozen feedings of the watchdog fail in this time.
    watcher = Watcher(relay.port)
    wait_until(lambda: watcher.numbers)
    assert watcher.wire.is_silent_for(0.6)
    watcher.stop()
    relay.stop()
    assert len(relay.log_lines(warning)) == 1, relay.lines
