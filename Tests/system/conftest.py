# SPDX-License-Identifier: MIT
"""Fixtures: relays that are always ended and checked, and bystanders that must not notice what a test does."""

import collections
import contextlib
import pathlib

import pytest

from certificates import Authority
from journal import UnderJournal
from manager import Manager
from relay import Relay
from viewer import Uploader, Watcher


@contextlib.contextmanager
def running_relay(*flags: str, **options):
    relay = Relay(*flags, **options)
    try:
        yield relay
    finally:
        relay.close()


@contextlib.contextmanager
def watched_camera(relay: Relay, camera: str = ""):
    """One camera at 10 frames a second and one viewer, who must see every frame whole and in order."""
    uploader = Uploader(relay.port, camera)
    watcher = Watcher(relay.port, f"/stream/{camera}" if camera else "/stream")
    try:
        try:
            watcher.wait_for(3)
        except AssertionError:
            # Then this is why, and the relay may not be.
            uploader.check_undisturbed()
            raise
        yield uploader, watcher
        watcher.wait_for(len(watcher.numbers) + 3)
        uploader.check_undisturbed()
        watcher.check_undisturbed()
    finally:
        watcher.stop()
        uploader.stop()


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Authority:
    """Signs the certificates of this run."""
    return Authority(tmp_path_factory.mktemp("authority"))


def pytest_collection_modifyitems(config, items):
    """Of several tests with one id pytest-xdist runs one, without a word. schemathesis' are such."""
    seen = collections.Counter(item.nodeid for item in items)
    shared = [one for one, count in seen.items() if count > 1]
    assert not shared or not hasattr(config, "workerinput"), f"to be run without --numprocesses: {shared}"


def pytest_generate_tests(metafunc):
    if metafunc.definition.get_closest_marker("over_tls_too"):
        metafunc.parametrize("transport", ["plain", "tls"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def transport(request, authority) -> dict:
    """How a relay is reached, as options of Relay: without TLS, and in a second run of the tests marked so with it."""
    is_tls = getattr(request, "param", "plain") == "tls"
    return {"pairs": [authority.local()], "over_tls": True} if is_tls else {}


@pytest.fixture
def start_relay(transport):
    """Starts relays with flags of the test's own; each is ended and its log checked at the test's end."""
    with contextlib.ExitStack() as stack:
        yield lambda *flags, **options: stack.enter_context(running_relay(*flags, **{**transport, **options}))


@pytest.fixture
def relay(start_relay) -> Relay:
    """A relay as a newcomer starts it, on a port of its own."""
    return start_relay()


@pytest.fixture
def camera(relay):
    """A camera at 10 frames a second."""
    uploader = Uploader(relay.port)
    yield uploader
    uploader.stop()
    uploader.check_undisturbed()


@pytest.fixture
def start_under_journal():
    """Starts relays under a journal; one that its test did not end is killed."""
    started = []

    def start(*flags: str, **options) -> UnderJournal:
        started.append(UnderJournal(*flags, **options))
        return started[-1]

    yield start
    for relay in started:
        relay.stream.close()
        relay.process.kill()
        relay.process.wait()


@pytest.fixture
def start_manager(tmp_path: pathlib.Path):
    """Starts service managers; what they started and still runs is ended and checked before them."""
    with contextlib.ExitStack() as stack:
        def start(**options) -> Manager:
            manager = Manager(tmp_path, **options)
            stack.callback(manager.close)
            return manager
        yield start


@pytest.fixture
def manager(start_manager) -> Manager:
    """A service manager that passes one socket and keeps a hundred descriptors."""
    manager = start_manager()
    manager.listen()
    return manager
