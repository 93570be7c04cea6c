# SPDX-License-Identifier: MIT
"""Streams go on over a restart: SIGUSR2 leaves the viewers' sockets to the next process."""

import contextlib
import os
import signal

import pytest

import pictures
from settings import PATIENCE
from steady_camera import SteadyCamera
from viewer import BrowserStream, Stream, Watcher
from waiting import wait_until
from wire import Wire

FORMS = {
    "plain": ("/stream", {}),
    "browser form": ("/stream?advance_headers=1", {"form": BrowserStream}),
    "HTTP 1.0": ("/stream", {"version": "1.0"}),
    "HTTP 1.0 in browser form": ("/stream?advance_headers=1", {"version": "1.0", "form": BrowserStream}),
    "mjpg-streamer": ("/?action=stream", {"boundary": "boundarydonotcross"}),
    "at most 40 a second": ("/stream?fps=40", {}),
    "a thousand frames": ("/stream?frames=1000", {}),
}


@contextlib.contextmanager
def opened(relay, name: str = "plain", query: str = "", **options):
    """A viewer of this form, which reads when it is told to."""
    target, form_options = FORMS[name]
    form_options = dict(form_options)
    with Wire(relay.port, **options) as wire:
        yield form_options.pop("form", Stream)(wire, target + query, **form_options)


@contextlib.contextmanager
def watching(port: int, targets):
    """Watchers of these forms, which must all be there at the end with every frame whole and in order."""
    watchers = [Watcher(port, target, **options) for target, options in targets]
    try:
        yield watchers
        for watcher in watchers:
            watcher.check_in_order()
    finally:
        for watcher in watchers:
            watcher.stop()


def wait_for_more(watchers: list[Watcher]):
    """Until each has two frames more than now."""
    for watcher, count in [(watcher, len(watcher.numbers)) for watcher in watchers]:
        watcher.wait_for(count + 2)


def restart(manager, relay, *flags: str, **options):
    manager.end(relay)
    return manager.start(*flags, **options)


@pytest.mark.valgrind
@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_stream_goes_on_without_a_gap(manager, name):
    relay = manager.start("--threads", "1")
    relay.upload(pictures.numbered(1))
    with opened(relay, name) as stream:
        assert pictures.number_of(stream.frame()) == 1
        for number in (2, 4):
            relay.upload(pictures.numbered(number))
            assert pictures.number_of(stream.frame()) == number
            relay = restart(manager, relay, "--threads", "1")
            assert relay.log_lines(r"restored .*viewers=1\b")
            wait_until(lambda relay=relay: relay.camera()["viewers"] == 1)
            assert stream.wire.is_silent_for(0.05), "a part was repeated"
            relay.upload(pictures.numbered(number + 1))
            assert pictures.number_of(stream.frame()) == number + 1
        relay.stop()
        assert stream.frame() is None
        assert stream.wire.ends_within(2 * PATIENCE)


def test_all_forms_under_a_running_camera_stay_in_order_over_five_restarts(manager):
    relay = manager.start("--threads", "2")
    camera = SteadyCamera(relay.port)
    try:
        with watching(relay.port, [*FORMS.values()] * 3) as watchers:
            for _ in range(5):
                wait_for_more(watchers)
                relay = restart(manager, relay, "--threads", "2")
                assert relay.log_lines(rf"restored .*viewers={len(watchers)}\b"), relay.lines
            camera.wait_for(camera.count + 2)
            wait_for_more(watchers)
            camera.check_undisturbed()
    finally:
        camera.stop()


def test_one_loop_loses_no_frame_of_a_running_camera(manager):
    relay = manager.start("--threads", "1")
    camera = SteadyCamera(relay.port)
    watcher = Watcher(relay.port)
    try:
        for _ in range(3):
            watcher.wait_for(len(watcher.numbers) + 4)
            relay = restart(manager, relay, "--threads", "1")
        watcher.wait_for(len(watcher.numbers) + 4)
        watcher.check_undisturbed()
        camera.check_undisturbed()
    finally:
        watcher.stop()
        camera.stop()


@pytest.mark.parametrize(("name", "query"), [("plain", "?frames=3"), ("browser form", "&frames=3")])
def test_a_number_of_frames_is_counted_over_both_processes(manager, name, query):
    relay = manager.start()
    relay.upload(pictures.numbered(1))
    with opened(relay, name, query) as stream:
        assert pictures.number_of(stream.frame()) == 1
        relay = restart(manager, relay)
        for number in (2, 3):
            relay.upload(pictures.numbered(number))
            assert pictures.number_of(stream.frame()) == number
        assert stream.frame() is None
        assert stream.wire.ends_within(2 * PATIENCE)


def padded(number: int, count: int) -> bytes:
    """A frame made large by comment segments."""
    comment = b"\xff\xfe\xff\xff" + b"." * 0xFFFD
    return pictures.numbered(number)[:2] + comment * (count // len(comment)) + pictures.numbered(number)[2:]


@pytest.mark.parametrize("name", ["plain", "browser form", "HTTP 1.0"])
def test_a_viewer_in_the_middle_of_a_part_gets_exactly_the_rest(manager, name):
    # The kernel alone takes some megabytes of it.
    flags = ("--max-frame-bytes", "16MiB")
    relay = manager.start(*flags)
    first, second = padded(1, 12 << 20), padded(2, 1 << 20)
    relay.upload(first)
    # It reads the head and no more, so that most of the part waits in the relay.
    with opened(relay, name, receive_buffer=128 << 10) as stream:
        manager.end(relay)
        left = os.fstat(manager.state_file()).st_size - len(first)
        assert 1 << 20 < left < len(first), f"{left} bytes of the part are left"
        relay = manager.start(*flags)
        relay.upload(second)
        for frame in (first, second):
            is_whole = stream.frame() == frame
            assert is_whole
        relay = restart(manager, relay, *flags)
        relay.upload(pictures.numbered(3))
        assert pictures.number_of(stream.frame()) == 3


def test_a_viewer_of_a_camera_that_never_sent_goes_on_waiting(manager):
    relay = manager.start()
    with opened(relay, query="/not-yet") as stream:
        relay = restart(manager, relay)
        relay = restart(manager, relay)
        relay.upload(pictures.numbered(1), "not-yet")
        assert pictures.number_of(stream.frame()) == 1


def test_a_still_scene_is_repeated_after_a_restart_too(manager):
    flags = ("--repeat-after", "300ms")
    relay = manager.start(*flags)
    relay.upload(pictures.numbered(1))
    with opened(relay) as stream:
        assert pictures.number_of(stream.frame()) == 1
        restart(manager, relay, *flags)
        assert pictures.number_of(stream.frame()) == 1


def test_snapshots_work_at_once_and_sequences_go_on_growing(manager):
    relay = manager.start()
    relay.upload(pictures.numbered(1))
    relay.upload(pictures.numbered(1), "door")
    before = [relay.get(f"/snapshot{name}") for name in ("", "/door")]
    relay = restart(manager, relay)
    for name, old in zip(("", "/door"), before, strict=True):
        new = relay.get(f"/snapshot{name}")
        assert new.body == old.body == pictures.numbered(1)
        for field in ("x-frame-sequence", "x-timestamp", "etag", "last-modified"):
            assert new.headers[field] == old.headers[field]
        later = relay.upload(pictures.numbered(2), name.removeprefix("/")).json()["sequence"]
        assert later == int(old.headers["x-frame-sequence"]) + 1
    assert [camera["name"] for camera in relay.get("/cameras").json()["cameras"]] == ["default", "door"]


def test_a_camera_s_state_and_age_outlive_the_restart(manager):
    flags = ("--stale-after", "400ms", "--offline-after", "60s")
    relay = manager.start(*flags)
    relay.upload(pictures.numbered(1))
    wait_until(lambda: relay.camera()["state"] == "stale")
    relay = restart(manager, relay, *flags)
    assert relay.camera()["state"] == "stale"
    assert not relay.log_lines("camera (live|stale)")


def test_three_hundred_viewers_at_once_go_on(start_manager):
    manager = start_manager(store_size=400)
    manager.listen()
    flags = ("--max-connections-per-address", "1000")
    relay = manager.start(*flags)
    relay.upload(pictures.numbered(1))
    with contextlib.ExitStack() as stack:
        streams = [Stream(stack.enter_context(Wire(relay.port)), "/stream") for _ in range(300)]
        for number in (1, 2, 3):
            for stream in streams:
                assert pictures.number_of(stream.frame()) == number
            if number == 2:
                manager.end(relay)
                assert sorted(set(manager.kept_names())) == ["evrelay-state", "evrelay-viewer"]
                assert len(manager.kept) == 301
                batches = [message["descriptors"] for message in manager.having("FDNAME", "evrelay-viewer")]
                assert sum(batches) == 300 and len(batches) == 2, batches
                relay = manager.start(*flags)
            relay.upload(pictures.numbered(number + 1))
        manager.catch_up()
        assert manager.kept == [], "the next process has them now"


def test_what_is_kept_is_removed_before_the_streams_go_on(manager):
    relay = manager.start()
    watcher = Watcher(relay.port)
    manager.end(relay)
    assert manager.kept_names() == ["evrelay-state", "evrelay-viewer"]
    assert manager.having("FDSTORE")[-1]["descriptors"] == 1
    manager.start()
    manager.wait_for("READY", count=2)
    words = [message.get("FDNAME") or "ready" for message in manager.messages
             if "FDSTOREREMOVE" in message or "READY" in message]
    assert sorted(words[-3:-1]) == ["evrelay-state", "evrelay-viewer"] and words[-1] == "ready", words
    watcher.stop()


def test_a_viewer_s_end_and_beginning_are_told(manager):
    relay = manager.start()
    watcher = Watcher(relay.port)
    wait_until(lambda: relay.log_lines("viewer joined"))
    second = restart(manager, relay)
    assert relay.log_lines(r"viewer left .*reason=handed-over")
    assert relay.log_lines(r"handed over .*viewers=1\b")
    wait_until(lambda: b"evrelay_viewers_restored_total 1\n" in second.get("/metrics").body)
    watcher.stop()


@pytest.mark.parametrize("store_size", [None, 0], ids=["no store", "a store of no size"])
def test_without_a_store_sigusr2_ends_the_streams_as_sigterm_does(start_manager, store_size):
    manager = start_manager(store_size=store_size)
    manager.listen()
    check_ends_as_sigterm(manager.start())
    manager.catch_up()
    assert not manager.having("FDSTORE")


def test_without_a_manager_sigusr2_ends_the_streams_as_sigterm_does(start_relay):
    check_ends_as_sigterm(start_relay(extra={"FDSTORE": "100"}))


def check_ends_as_sigterm(relay):
    relay.upload(pictures.numbered(1))
    watcher = Watcher(relay.port)
    watcher.wait_for(1)
    relay.signal(signal.SIGUSR2)
    assert relay.wait(10) == 0
    wait_until(lambda: watcher.ended)
    assert watcher.failure is None and watcher.closed_well
    watcher.stop()
