# SPDX-License-Identifier: MIT
"""Programs that people really use, with a key each: what they send it in is what a relay must take it in."""

import subprocess
import sys

import pytest

import pictures
from credentials import bearer, new_key, write_keys
from programs import SILENT, curl_trust, ffmpeg_trust, gstreamer_frames, is_https, opencv_shapes, run, vlc_pictures
from viewer import Stream
from waiting import wait_until

pytestmark = pytest.mark.over_tls_too
PUBLISH, VIEW = new_key(), new_key()
FFMPEG_SENDS = ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=640x480:rate=10", "-c:v", "mjpeg",
                "-f", "mpjpeg", "-method", "POST"]


@pytest.fixture
def relay(start_relay, tmp_path):
    """A relay that asks everybody for a key."""
    keys = write_keys(tmp_path / "keys", f"{PUBLISH} publish door the camera at the door", f"{VIEW} view,observe *")
    return start_relay("--private", "--keys", str(keys))


@pytest.fixture
def camera(relay):
    """ffmpeg, sending to the camera door with its key."""
    command = [*FFMPEG_SENDS, *ffmpeg_trust(relay), "-headers", f"{bearer(PUBLISH)}\r\n", f"{relay.url}/upload/door"]
    with subprocess.Popen(command, **SILENT) as ffmpeg:
        wait_until(lambda: relay.get(f"/snapshot/door?key={VIEW}").status == 200, 30, "the first frame")
        yield ffmpeg
        assert ffmpeg.poll() is None, "ffmpeg ended by itself"
        ffmpeg.terminate()


def with_user(url: str, password: str) -> str:
    return url.replace("://", f"://anybody:{password}@", 1)


def test_ffmpeg_without_a_key_is_refused_and_with_one_it_sends_and_reads(relay, camera):
    # Whether it hears of it before it has sent them all is its own affair.
    subprocess.run(
        [*FFMPEG_SENDS[:-2], "-frames:v", "10", *ffmpeg_trust(relay), "-method", "POST", f"{relay.url}/upload/yard"],
        timeout=60, **SILENT)
    assert relay.get("/cameras/yard", bearer(VIEW)).status == 404
    relay.wait_for_line("refused .*reason=key-required")
    for address, options in ((f"{relay.url}/stream/door", ["-headers", f"{bearer(VIEW)}\r\n"]),
                             (with_user(f"{relay.url}/stream/door", VIEW), []),
                             (f"{relay.url}/stream/door?key={VIEW}", [])):
        done = run("ffmpeg", "-v", "error", "-f", "mpjpeg", *ffmpeg_trust(relay), *options, "-i", address,
                   "-frames:v", "10", "-f", "framemd5", "-")
        assert done.stdout.count(b"\n0,") == 10, done.stdout[-500:]


def test_ffmpeg_sends_with_the_key_as_password_of_its_address(relay):
    """Two requests: ffmpeg sends no password before it was asked for one."""
    with relay.connect() as wire:
        stream = Stream(wire, f"/stream/door?frames=5&key={VIEW}")
        address = with_user(f"{relay.url}/upload/door", PUBLISH)
        command = [*FFMPEG_SENDS, *ffmpeg_trust(relay), "-auth_type", "basic", address]
        with subprocess.Popen(command, **SILENT) as ffmpeg:
            assert all(stream.frame() for _ in range(5))
            ffmpeg.terminate()


@pytest.mark.parametrize("way", ["password", "query"])
def test_vlc_plays_with_a_key(relay, camera, way):
    url = f"{relay.url}/stream/door"
    assert vlc_pictures(relay, with_user(url, VIEW) if way == "password" else f"{url}?key={VIEW}") == (640, 480)


@pytest.mark.parametrize("properties", [
    ["user-id=anybody", f"user-pw={VIEW}"], [f'extra-headers=headers,Authorization="Bearer\\ {VIEW}"'],
], ids=["basic", "bearer"])
def test_gstreamer_plays_with_a_key(relay, camera, tmp_path, properties):
    folder = tmp_path / "frames"
    folder.mkdir()
    frames = gstreamer_frames(relay, f"{relay.url}/stream/door", folder, *properties)
    assert len(frames) >= 10 and all(frame.stat().st_size == 640 * 480 * 3 for frame in frames), len(frames)


def test_opencv_reads_with_a_key_in_the_address(relay, camera):
    assert opencv_shapes(relay, f"{relay.url}/stream/door?key={VIEW}") == [(480, 640, 3)] * 15


def test_curl_sends_and_looks_with_u_and_with_a_header(relay, tmp_path):
    frame = tmp_path / "frame.jpg"
    frame.write_bytes(pictures.numbered(1))
    common = ["curl", "--silent", "--show-error", "--fail-with-body", *curl_trust(relay)]
    sending = ["--data-binary", f"@{frame}", "--header", "Content-Type: image/jpeg", f"{relay.url}/upload/door"]
    for number, credential in enumerate((["-u", f"anybody:{PUBLISH}"], ["--header", bearer(PUBLISH)],
                                         ["--oauth2-bearer", PUBLISH]), 1):
        frame.write_bytes(pictures.numbered(number))
        run(*common, *credential, *sending)
        for shown in (["-u", f"x:{VIEW}"], ["--header", bearer(VIEW)]):
            assert pictures.number_of(run(*common, *shown, f"{relay.url}/snapshot/door").stdout) == number
    assert subprocess.run([*common, *sending], capture_output=True, timeout=20).returncode == 22


def test_python_s_requests_read_snapshots_and_streams(relay, camera):
    program = f"""
import requests
session = requests.Session()
session.auth = ("anybody", {VIEW!r})
session.trust_env = False
session.verify = {str(relay.authority) if is_https(relay) else True!r}
snapshot = session.get("{relay.url}/snapshot/door", timeout=20)
assert snapshot.status_code == 200 and snapshot.content[:2] == b"\\xff\\xd8", snapshot
stream = session.get("{relay.url}/stream/door?frames=5", timeout=20)
assert stream.content.count(b"Content-Type: image/jpeg") == 5
assert requests.get("{relay.url}/snapshot/door", verify=session.verify, timeout=20).status_code == 401
"""
    run(sys.executable, "-c", program)
