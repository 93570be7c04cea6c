# SPDX-License-Identifier: MIT
"""Programs that people really use, against the built binary, without TLS and with it."""

import re
import shlex
import subprocess

import pytest

import pictures
from conftest import watched_camera
from programs import SILENT, ffmpeg_trust, gstreamer_frames, opencv_shapes, run, vlc_pictures
from settings import REPOSITORY
from viewer import Stream
from waiting import wait_until

pytestmark = pytest.mark.over_tls_too
WAYS_TO_SEND = {
    "chunked": [],
    "until the end": ["-chunked_post", "0"],
    "with a type": ["-content_type", "multipart/x-mixed-replace; boundary=ffmpeg"],
}


def readme_line(document: str) -> list[str]:
    """The ffmpeg line of a README, as somebody would paste it into a shell."""
    lines = re.findall(r"^ffmpeg .*method POST.*$", (REPOSITORY / document).read_text(), re.MULTILINE)
    assert len(lines) == 1, f"{document} has {len(lines)} such lines"
    return shlex.split(lines[0])


@pytest.mark.parametrize("document", ["README.md", "README.ru.md"])
def test_the_line_in_the_readme_shows_a_picture(relay, document):
    words = [word.replace("http://localhost:30333", relay.url) for word in readme_line(document)]
    assert words != readme_line(document), "the line does not send to http://localhost:30333"
    words[-1:-1] = ffmpeg_trust(relay)
    with relay.connect() as wire:
        stream = Stream(wire)
        with subprocess.Popen(words, **SILENT) as ffmpeg:
            frames = [stream.frame() for _ in range(10)]
            seen = wait_until(lambda: relay.get("/cameras/default").status == 200 and relay.camera())
            assert (seen["width"], seen["height"], seen["state"]) == (640, 480, "live"), seen
            ffmpeg.terminate()
        assert len(set(frames)) > 5, "the picture does not move"
        assert all(frame[:2] == b"\xff\xd8" and frame[-2:] == b"\xff\xd9" for frame in frames)
    wait_until(lambda: relay.get("/healthz").status == 200)


@pytest.mark.parametrize("extra", WAYS_TO_SEND.values(), ids=WAYS_TO_SEND.keys())
def test_ffmpeg_sends_every_frame(relay, extra):
    with relay.connect() as wire:
        stream = Stream(wire, "/stream/test?frames=20")
        # Not `-re`: newer versions send the first half second at once, of which viewers may skip some.
        run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10,realtime", "-frames:v", "20",
            "-c:v", "mjpeg", "-f", "mpjpeg", *extra, *ffmpeg_trust(relay), "-method", "POST",
            f"{relay.url}/upload/test")
        # Also over TLS 1.3: were session tickets sent with the handshake, ffmpeg would leave them unread, its kernel
        # would reset the connection at the end, and the last frame could be lost.
        frames = [stream.frame() for _ in range(20)]
        assert len(set(frames)) == 20
        assert stream.frame() is None
    assert (relay.camera("test")["width"], relay.camera("test")["height"]) == (320, 240)
    # Its end is an ordinary one, though it sends no closing delimiter.
    assert "reason=complete" in relay.wait_for_line(r"streaming upload ended")


@pytest.mark.parametrize("target", ["/stream", "/stream?advance_headers=1", "/?action=stream"])
def test_ffmpeg_reads_twenty_frames(relay, camera, target):
    done = run("ffmpeg", "-v", "error", "-f", "mpjpeg", *ffmpeg_trust(relay), "-i", f"{relay.url}{target}",
               "-frames:v", "20", "-f", "framemd5", "-")
    assert len(re.findall(rb"^0,.*", done.stdout, re.MULTILINE)) == 20, done.stdout[-500:]
    assert not done.stderr, done.stderr


@pytest.mark.parametrize("keep_alive", [[], ["-k"]], ids=["a connection each", "kept connections"])
def test_ab_uploads_without_a_failure(relay, tmp_path, keep_alive):
    frame = tmp_path / "frame.jpg"
    frame.write_bytes(pictures.picture())
    with watched_camera(relay, "door"):
        done = run("ab", *keep_alive, "-n", "200", "-c", "10", "-p", str(frame), "-T", "image/jpeg",
                   f"{relay.url}/upload")
        said = done.stdout.decode()
        assert re.search(r"^Complete requests: +200$", said, re.MULTILINE), said
        assert re.search(r"^Failed requests: +0$", said, re.MULTILINE), said
        assert "Non-2xx" not in said, said
        if keep_alive:
            assert re.search(r"^Keep-Alive requests: +200$", said, re.MULTILINE), said


@pytest.mark.parametrize("target", ["/stream?frames=5", "/?action=stream&frames=5"])
def test_ab_watches(relay, camera, target):
    said = run("ab", "-n", "4", "-c", "2", f"{relay.url}{target}").stdout.decode()
    assert re.search(r"^Complete requests: +4$", said, re.MULTILINE) and "Non-2xx" not in said, said


def test_vlc_shows_the_stream(relay, camera):
    assert vlc_pictures(relay, f"{relay.url}/stream") == (640, 480)


def test_gstreamer_decodes_the_stream(relay, camera, tmp_path):
    frames = gstreamer_frames(relay, f"{relay.url}/stream", tmp_path)
    assert len(frames) >= 10 and all(frame.stat().st_size == 640 * 480 * 3 for frame in frames), len(frames)


def test_opencv_reads_the_stream(relay, camera):
    assert opencv_shapes(relay, f"{relay.url}/stream") == [(480, 640, 3)] * 15


def test_uploads_that_overlap_as_the_first_versions_page_sent_them(relay):
    """That page starts a new POST every 100 ms whether the last is answered or not."""
    wires = [relay.connect() for _ in range(4)]
    for number, wire in enumerate(wires, 1):
        wire.upload(pictures.numbered(number))
    answers = [wire.response("POST") for wire in wires]
    for wire in wires:
        wire.close()
    assert [answer.status for answer in answers] == [200] * 4
    assert len({answer.json()["sequence"] for answer in answers}) == 4
