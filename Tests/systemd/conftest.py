# SPDX-License-Identifier: MIT
"""Fixtures: one booted system for each file of tests, with the package installed, and the settings put back."""

import contextlib
import pathlib
import tempfile

import pytest

from machine import PORT, Machine
from service import Service
from traffic import Audience, Camera
from viewer import Watcher


def pytest_addoption(parser):
    parser.addoption("--root-tree", required=True, help="the bare Debian that scripts/test-systemd.sh prepared")


@pytest.fixture(scope="module")
def machine(request):
    """A plain Debian, booted, on which nothing of EvRelay is installed yet."""
    tree = pathlib.Path(request.config.getoption("--root-tree"))
    with tempfile.TemporaryDirectory(prefix="machine-", dir=tree.parent) as scratch:
        machine = Machine(tree, pathlib.Path(scratch))
        try:
            yield machine
        finally:
            machine.end()


@pytest.fixture(scope="module")
def installed(machine) -> Service:
    """The service as `apt install ./evrelay_*.deb` leaves it."""
    machine.apt_get("install", "/root/evrelay.deb")
    return Service(machine)


@pytest.fixture
def service(installed):
    """The running service. Afterwards its settings are the package's again and it runs, whatever the test did."""
    installed.wait_until_ready()
    settings = installed.settings.read_text()
    yield installed
    installed.settings.write_text(settings)
    installed.start_anew()


@pytest.fixture
def camera():
    """Makes cameras that open a connection for each frame, as `curl` in a loop does."""
    with contextlib.ExitStack() as stack:
        def start(*arguments, **options) -> Camera:
            camera = Camera(*arguments, **options)
            stack.callback(camera.stop)
            return camera
        yield start


@pytest.fixture
def audience():
    """Makes many viewers that only count what comes."""
    with contextlib.ExitStack() as stack:
        def start(count: int, target: str) -> Audience:
            audience = Audience(count, target)
            stack.callback(audience.stop)
            return audience
        yield start


@pytest.fixture
def watch():
    """Makes viewers that check each byte of their stream."""
    with contextlib.ExitStack() as stack:
        def start(target: str = "/stream") -> Watcher:
            watcher = Watcher(PORT, target)
            stack.callback(watcher.stop)
            return watcher
        yield start
