# SPDX-License-Identifier: MIT
"""Bounded waiting for something to become true."""

import threading
import time
from collections.abc import Callable


def wait_until(condition, seconds: float = 10, what: str | Callable[[], str] = ""):
    """Polls until `condition()` is true and returns its value; fails after `seconds`. A function says what it
    was as it is then."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            awaited = what() if callable(what) else what
            raise AssertionError(f"not within {seconds} s: {awaited or condition}")
        pause.wait(0.02)


def stays_true(condition, seconds: float, what: str = ""):
    """Fails as soon as `condition()` is false within `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        assert condition(), f"no longer true: {what or condition}"
        pause.wait(0.02)
