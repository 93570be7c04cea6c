# SPDX-License-Identifier: MIT
"""A restart at its limits: more viewers than there is room for, viewers that left, a state that is damaged."""

import contextlib
import os
import signal

import pytest

import pictures
from settings import PATIENCE
from viewer import Stream, Watcher
from waiting import wait_until
from wire import ConnectionEnded, Wire

UNUSABLE = r"warning what the process before has left cannot be used"


@contextlib.contextmanager
def watchers_of(relay, count: int):
    """Watchers that have a frame each."""
    relay.upload(pictures.numbered(1))
    watchers = [Watcher(relay.port) for _ in range(count)]
    try:
        for watcher in watchers:
            watcher.wait_for(1)
        yield watchers
    finally:
        for watcher in watchers:
            watcher.stop()


def test_viewers_beyond_the_store_s_room_end_with_the_closing_delimiter(start_manager):
    manager = start_manager(store_size=6)
    manager.listen()
    relay = manager.start("--threads", "2")
    with watchers_of(relay, 9) as watchers:
        manager.end(relay)
        assert len(manager.kept) == 6
        relay = manager.start("--threads", "2")
        relay.upload(pictures.numbered(2))
        wait_until(lambda: sum(watcher.numbers == [1, 2] for watcher in watchers) == 5)
        wait_until(lambda: sum(watcher.ended for watcher in watchers) == 4)
        for watcher in watchers:
            assert watcher.failure is None and (watcher.closed_well if watcher.ended else watcher.numbers == [1, 2])


@pytest.mark.parametrize("flag", ["--max-viewers", "--max-viewers-per-camera", "--max-connections-per-address"])
def test_viewers_beyond_the_next_process_s_limit_are_closed(manager, flag):
    relay = manager.start()
    with watchers_of(relay, 7) as watchers:
        manager.end(relay)
        relay = manager.start(flag, "4", "--threads", "2")
        wait_until(lambda: sum(watcher.ended for watcher in watchers) == 3)
        left = [watcher for watcher in watchers if not watcher.ended]
        # From an address of its own, which the viewers do not fill.
        with Wire(relay.port, source="127.0.0.2") as camera:
            camera.upload(pictures.numbered(2))
            assert camera.response("POST").status == 200
        for watcher in left:
            watcher.wait_for(2)
            watcher.check_undisturbed()


def test_viewers_behind_a_proxy_do_not_count_as_one_address(manager):
    flags = ("--trusted-proxy", "127.0.0.1", "--max-connections-per-address", "4")
    relay = manager.start(*flags)
    with watchers_of(relay, 9) as watchers:
        manager.end(relay)
        relay = manager.start(*flags)
        relay.upload(pictures.numbered(2))
        for watcher in watchers:
            watcher.wait_for(2)
            watcher.check_undisturbed()


@pytest.mark.parametrize("end", [Wire.close, Wire.reset], ids=["closed", "reset"])
def test_a_viewer_that_left_in_between_is_not_missed(manager, end):
    relay = manager.start()
    relay.upload(pictures.numbered(1))
    with Wire(relay.port) as stays, Wire(relay.port) as leaves:
        streams = [Stream(stays), Stream(leaves)]
        for stream in streams:
            assert pictures.number_of(stream.frame()) == 1
        manager.end(relay)
        end(leaves)
        relay = manager.start()
        wait_until(lambda: relay.camera()["viewers"] == 1, what="the one that left is noticed")
        relay.upload(pictures.numbered(2))
        assert pictures.number_of(streams[0].frame()) == 2


def change_version(state: int):
    content = bytearray(os.pread(state, 1 << 20, 0))
    position = content.index(b"evrelay-state ") + len(b"evrelay-state ")
    os.pwrite(state, b"9", position)


def change_byte(position: float):
    """Changes one byte, so far into the file."""
    def change(state: int):
        offset = int(os.fstat(state).st_size * position)
        os.pwrite(state, bytes([os.pread(state, 1, offset)[0] ^ 0xFF]), offset)
    return change


DAMAGES = {
    "another version": change_version,
    "empty": lambda state: os.truncate(state, 0),
    "cut": lambda state: os.truncate(state, os.fstat(state).st_size // 2),
    "its last byte missing": lambda state: os.truncate(state, os.fstat(state).st_size - 1),
    "longer": lambda state: os.pwrite(state, b"x", os.fstat(state).st_size),
    "huge": lambda state: os.truncate(state, 1 << 40),
    "other bytes": lambda state: os.pwrite(state, b"\xff" * 512, 0),
} | {f"a byte at {part} %": change_byte(part / 100) for part in (0, 1, 50, 98, 99.9)}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_state_is_one_warning_and_a_normal_start(manager, damage):
    relay = manager.start()
    with watchers_of(relay, 2) as watchers:
        manager.end(relay)
        damage(manager.state_file())
        relay = manager.start(expected_problems=(UNUSABLE,))
        check_normal_start(manager, relay, watchers)


def test_viewers_without_a_state_are_one_warning_and_a_normal_start(manager):
    relay = manager.start()
    with watchers_of(relay, 2) as watchers:
        manager.end(relay)
        os.close(manager.state_file())
        manager.kept = [entry for entry in manager.kept if entry[0] != "evrelay-state"]
        relay = manager.start(expected_problems=(UNUSABLE,))
        check_normal_start(manager, relay, watchers)


def check_normal_start(manager, relay, watchers):
    assert len(relay.log_lines(UNUSABLE)) == 1
    manager.catch_up()
    assert manager.kept == [], "what cannot be used is not kept"
    for watcher in watchers:
        wait_until(lambda watcher=watcher: watcher.ended, what="the viewers are disconnected")
        assert watcher.failure is None and watcher.numbers == [1]
    assert relay.get("/snapshot").status == 404
    assert relay.upload(pictures.numbered(2)).status == 200
    with Wire(relay.port) as wire:
        assert pictures.number_of(Stream(wire).frame()) == 2


def test_a_state_without_its_viewers_still_brings_the_frames(manager):
    relay = manager.start()
    with watchers_of(relay, 2):
        manager.end(relay)
    for name, descriptor in manager.kept:
        if name == "evrelay-viewer":
            os.close(descriptor)
    manager.kept = [entry for entry in manager.kept if entry[0] == "evrelay-state"]
    relay = manager.start()
    assert pictures.number_of(relay.get("/snapshot").body) == 1
    assert relay.camera()["viewers"] == 0


def test_a_kill_after_a_restart_leaves_nothing_of_the_streams_to_the_next_process(manager):
    relay = manager.start()
    with watchers_of(relay, 2) as watchers:
        manager.end(relay)
        relay = manager.start()
        relay.signal(signal.SIGKILL)
        assert relay.wait() == 128 + signal.SIGKILL
        manager.catch_up()
        for watcher in watchers:
            wait_until(lambda watcher=watcher: watcher.ended, what="the viewers are disconnected")
        relay = manager.start()
        assert not relay.log_lines("restored")


def test_an_upload_under_way_is_accepted_and_comes_to_the_viewers_afterwards(manager):
    relay = manager.start()
    with watchers_of(relay, 2) as watchers:
        frame = pictures.numbered(2)
        with relay.connect() as wire:
            wire.request("POST", "/upload", "Content-Type: image/jpeg", f"Content-Length: {len(frame)}",
                         body=frame[:999])
            assert wire.is_silent_for(0.2)
            relay.signal(signal.SIGUSR2)
            relay.wait_for_line("draining")
            wire.send(frame[999:])
            assert wire.response("POST").status == 200
        manager.see_end(relay)
        relay = manager.start()
        for watcher in watchers:
            watcher.wait_for(2)
            watcher.check_undisturbed()


def test_a_second_signal_ends_a_handover_at_once(manager):
    relay = manager.start("--drain-timeout", "60s", expected_problems=("ending at once",))
    with watchers_of(relay, 1) as watchers, relay.connect() as wire:
        wire.request("POST", "/upload", "Content-Type: image/jpeg", "Content-Length: 9999", body=b"begun")
        assert wire.is_silent_for(0.2)
        relay.signal(signal.SIGUSR2)
        relay.wait_for_line("draining")
        relay.signal(signal.SIGTERM)
        assert relay.wait(2 * PATIENCE) == 128 + signal.SIGTERM
        wait_until(lambda: watchers[0].ended)
        with pytest.raises(ConnectionEnded):
            wire.response()
