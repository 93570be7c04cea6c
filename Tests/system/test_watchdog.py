# SPDX-License-Identifier: MIT
"""The watchdog is fed while every loop of the process is alive, and only then."""

import os
import signal

import pytest

import threads
from waiting import stays_true, wait_until

INTERVAL = 0.9


@pytest.fixture
def watched(manager):
    """A relay with two loops whose manager expects a sign of life every `INTERVAL`."""
    relay = manager.start("--threads", "2", extra=watchdog(), expected_problems=("loops do not answer",))
    manager.wait_for("WATCHDOG", "1")
    return relay


def watchdog(**extra: str) -> dict[str, str]:
    return {"WATCHDOG_USEC": str(int(INTERVAL * 1_000_000))} | extra


def test_it_is_fed_at_a_third_of_the_interval(manager, watched):
    manager.wait_for("WATCHDOG", count=7)
    times = [message["at"] for message in manager.having("WATCHDOG")]
    mean = (times[6] - times[0]) / 6
    assert 0.8 * INTERVAL / 3 < mean < 1.3 * INTERVAL / 3, times
    watched.stop()
    assert not watched.log_lines("loops do not answer")


def test_one_loop_that_hangs_ends_the_feeding_until_it_goes_on(manager, watched):
    with threads.held_still(threads.thread_named(watched.pid, "evrelay-loop-1")):
        line = watched.wait_for_line("error .*loops do not answer")
        assert "1" in line.split("loops=")[1] and "0" not in line.split("loops=")[1], line
        # The other loop serves all the while, so that only the watchdog can tell.
        for _ in range(5):
            assert watched.get("/healthz").status == 200
        manager.catch_up()
        fed = len(manager.having("WATCHDOG"))
        watched.wait_for_line("loops do not answer", count=4)
        manager.catch_up()
        assert len(manager.having("WATCHDOG")) == fed, "fed although a loop hangs"
    manager.wait_for("WATCHDOG", count=fed + 3)
    said = len(watched.log_lines("loops do not answer"))
    manager.wait_for("WATCHDOG", count=fed + 6)
    assert len(watched.log_lines("loops do not answer")) == said


def test_a_process_that_is_stopped_feeds_nothing(manager, watched):
    os.kill(watched.pid, signal.SIGSTOP)
    wait_until(lambda: state_of(watched.pid) == "T")
    manager.catch_up()
    fed = len(manager.having("WATCHDOG"))
    try:
        stays_true(lambda: len(manager.having("WATCHDOG")) == fed, INTERVAL)
    finally:
        os.kill(watched.pid, signal.SIGCONT)
    manager.wait_for("WATCHDOG", count=fed + 2)


def state_of(pid: int) -> str:
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0]


def test_a_watchdog_meant_for_another_process_is_not_fed(manager):
    relay = manager.start(extra=watchdog(WATCHDOG_PID="1", WATCHDOG_USEC="60000"))
    manager.wait_for("READY")
    with relay.connect() as wire:
        assert wire.is_silent_for(0.4)
    relay.stop()
    manager.catch_up()
    assert not manager.having("WATCHDOG")
