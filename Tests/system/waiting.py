# SPDX-License-Identifier: MIT
"""Bounded waiting for something to become true."""

import threading
import time


def wait_until(condition, seconds: float = 10, what: str = ""):
    """Polls until `condition()` is true and returns its value; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        pause.wait(0.02)


def stays_true(condition, seconds: float, what: str = ""):
    """Fails as soon as `condition()` is false within `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        assert condition(), f"no longer true: {what or condition}"
        pause.wait(0.02)
