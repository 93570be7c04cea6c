# SPDX-License-Identifier: MIT
"""Two publishers of one camera: the newcomer takes over or is refused, and their frames never alternate."""

import contextlib
import subprocess
import threading

import pytest

import pictures
from credentials import bearer, new_key, write_keys
from programs import SILENT
from viewer import Stream, Watcher
from waiting import stays_true, wait_until

FIRST, SECOND = "X-Publisher-ID: first-phone", "X-Publisher-ID: second-phone"
AGES = ("--stale-after", "1s", "--offline-after", "3s")


def conflict(answer, reason: str):
    assert (answer.status, answer.json()["reason"]) == (409, reason), answer
    assert (int(answer.headers["retry-after"]) >= 1) if reason == "camera-taken" else answer.json()["message"], answer


class Phone:
    """A page that sends frames under a name of its own on a thread. It keeps which were taken, and why others were not."""

    def __init__(self, relay, name: str, first: int, frames_per_second: float = 20):
        self.accepted: list[int] = []
        self.refused: list[str] = []
        self.failure: BaseException | None = None
        self._relay, self._field, self._next = relay, f"X-Publisher-ID: {name}", first
        self._interval = 1 / frames_per_second
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._stop.wait(self._interval):
                # A connection of its own: one that was refused ends, since its frame was not read.
                answer = self._relay.upload(pictures.numbered(self._next), "", self._field)
                if answer.status == 200:
                    self.accepted.append(self._next)
                else:
                    self.refused.append(answer.json()["reason"])
                self._next += 1
        except BaseException as failure:  # Kept for the test's own thread, which reports it.
            self.failure = failure

    def stop(self):
        self._stop.set()
        self._thread.join(20)
        assert self.failure is None, self.failure


@contextlib.contextmanager
def phone(*arguments, **options):
    sending = Phone(*arguments, **options)
    try:
        yield sending
    finally:
        sending.stop()


def switches(numbers: list[int]) -> int:
    """How often a viewer's frames went from one publisher to the other; the second one counts from 10,000."""
    return sum((a >= 10_000) != (b >= 10_000) for a, b in zip(numbers, numbers[1:], strict=False))


def test_the_newcomer_takes_over_and_frames_never_alternate(start_relay):
    relay = start_relay(*AGES)
    with phone(relay, "first-phone", 1) as first:
        wait_until(lambda: len(first.accepted) > 5)
        watcher = Watcher(relay.port)
        watcher.wait_for(3)
        with phone(relay, "second-phone", 10_000) as second:
            wait_until(lambda: len(second.accepted) > 20)
            watcher.wait_for(len(watcher.numbers) + 10)
        assert set(first.refused) == {"camera-taken-over"} and not second.refused
        assert switches(watcher.numbers) == 1 and watcher.numbers == sorted(set(watcher.numbers)), watcher.numbers
        # The second one has left: once its last frame is old, the first one is welcome again.
        accepted = len(first.accepted)
        wait_until(lambda: len(first.accepted) > accepted + 3, 10, "the first phone goes on")
        watcher.stop()


def test_by_flag_the_newcomer_is_refused_until_the_camera_is_free(start_relay):
    relay = start_relay(*AGES, "--takeover", "refuse")
    watcher = Watcher(relay.port)
    with phone(relay, "second-phone", 10_000) as second:
        wait_until(lambda: len(second.accepted) > 5)
        with phone(relay, "first-phone", 1) as first:
            wait_until(lambda: len(first.refused) > 5)
            conflict(relay.upload(pictures.numbered(1), "", "X-Publisher-ID: third-phone"), "camera-taken")
            assert not first.accepted and set(first.refused) == {"camera-taken"} and not second.refused
            second.stop()
            wait_until(lambda: len(first.accepted) > 3, 10, "the camera is free")
        watcher.wait_for(8)
        assert switches(watcher.numbers) == 1
    watcher.stop()


def test_the_same_publisher_may_use_as_many_connections_as_it_likes(relay):
    for number in range(1, 6):
        assert relay.upload(pictures.numbered(number), "", FIRST).status == 200
    assert relay.upload(pictures.numbered(6), "", FIRST, "User-Agent: another program").status == 200


def test_without_a_name_of_its_own_a_publisher_is_its_address_its_key_and_its_program(start_relay, tmp_path):
    one, other = new_key(), new_key()
    keys = write_keys(tmp_path / "keys", f"{one} publish *", f"{other} publish *")
    relay = start_relay("--takeover", "refuse", "--keys", str(keys))

    def send(key: str, program: str, source: str = ""):
        return relay.upload(pictures.numbered(1), "", bearer(key), f"User-Agent: {program}", source=source)
    assert send(one, "curl").status == send(one, "curl").status == 200
    conflict(send(other, "curl"), "camera-taken")
    conflict(send(one, "python"), "camera-taken")
    conflict(send(one, "curl", "127.0.0.2"), "camera-taken")
    # A key for all cameras does not make two of them one.
    assert relay.upload(pictures.numbered(1), "yard", bearer(other)).status == 200


@pytest.mark.parametrize("name", ["short", "x" * 65, "a blank in it", "ключ-ключ-ключ", "semi;colon"])
def test_a_name_that_is_none_is_malformed(relay, name):
    with relay.connect() as wire:
        frame = pictures.numbered(1)
        wire.send(f"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nX-Publisher-ID: {name}\r\n"
                  f"Content-Length: {len(frame)}\r\n\r\n".encode() + frame)
        answer = wire.response("POST")
    assert (answer.status, answer.json()["reason"]) in ((400, "bad-publisher-id"), (400, "bad-request")), answer


def streaming(relay, *options: str) -> subprocess.Popen:
    return subprocess.Popen(
        ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10", "-c:v", "mjpeg", "-f",
         "mpjpeg", *options, "-method", "POST", f"{relay.url}/upload"], **SILENT)


def test_a_program_that_posts_takes_over_from_ffmpeg_and_ffmpeg_is_told(relay):
    with streaming(relay) as ffmpeg:
        try:
            wait_until(lambda: relay.get("/cameras/default").status == 200 and relay.camera()["width"] == 320, 20)
            assert relay.upload(pictures.numbered(1), "", FIRST).status == 200
            wait_until(lambda: ffmpeg.poll() is not None, 20, "ffmpeg's end")
        finally:
            ffmpeg.kill()
    assert relay.camera()["width"] == 640
    assert "camera-taken-over" in relay.wait_for_line("streaming upload ended")


def test_by_flag_ffmpeg_is_refused_at_once_and_free_again_when_the_first_stream_ends(start_relay):
    relay = start_relay("--takeover", "refuse")
    with streaming(relay) as first:
        try:
            wait_until(lambda: relay.get("/cameras/default").status == 200, 20)
            with streaming(relay, "-headers", "User-Agent: second\r\n") as second:
                assert second.wait(20) != 0
            conflict(relay.upload(pictures.numbered(1), "", FIRST), "camera-taken")
            assert first.poll() is None
        finally:
            first.terminate()
            first.wait(20)
    wait_until(lambda: relay.upload(pictures.numbered(1), "", FIRST).status == 200, 2, "the camera is free at once")


def test_a_conflict_changes_nothing_that_viewers_see(start_relay):
    relay = start_relay("--takeover", "refuse", "--repeat-after", "1h")
    assert relay.upload(pictures.numbered(1), "", FIRST).status == 200
    with relay.connect() as wire:
        stream = Stream(wire)
        assert pictures.number_of(stream.frame()) == 1
        before = relay.camera()["sequence"]
        for number in range(2, 6):
            conflict(relay.upload(pictures.numbered(number), "", SECOND), "camera-taken")
        assert wire.is_silent_for(0.3)
        assert relay.camera()["sequence"] == before
        assert relay.upload(pictures.numbered(9), "", FIRST).status == 200
        assert pictures.number_of(stream.frame()) == 9


def test_publishers_of_different_cameras_do_not_meet(relay):
    with phone(relay, "first-phone", 1) as first:
        for number in range(1, 10):
            assert relay.upload(pictures.numbered(number), "door", SECOND).status == 200
        stays_true(lambda: not first.refused, 0.3)
