# SPDX-License-Identifier: MIT
"""Programs that people really use, against the built binary."""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import pytest

import pictures
from conftest import watched_camera
from settings import REPOSITORY
from viewer import Stream, Uploader
from waiting import wait_until

NOBODY = 65534
SILENT = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
WAYS_TO_SEND = {
    "chunked": [],
    "until the end": ["-chunked_post", "0"],
    "with a type": ["-content_type", "multipart/x-mixed-replace; boundary=ffmpeg"],
}


def run(*command: str, seconds: float = 60, **options) -> subprocess.CompletedProcess:
    """Runs a client to its end; fails with what it said if it failed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, **options)
    said = f"{done.stdout[-2000:]!r}\n{done.stderr[-2000:]!r}"
    assert done.returncode == 0, f"{shlex.join(command)}: status {done.returncode}\n{said}"
    return done


@pytest.fixture
def camera(relay):
    """A camera at 10 frames a second."""
    uploader = Uploader(relay.port)
    yield uploader
    uploader.stop()
    uploader.check_undisturbed()


def readme_line(document: str) -> list[str]:
    """The ffmpeg line of a README, as somebody would paste it into a shell."""
    lines = re.findall(r"^ffmpeg .*method POST.*$", (REPOSITORY / document).read_text(), re.MULTILINE)
    assert len(lines) == 1, f"{document} has {len(lines)} such lines"
    return shlex.split(lines[0])


@pytest.mark.parametrize("document", ["README.md", "README.ru.md"])
def test_the_line_in_the_readme_shows_a_picture(relay, document):
    words = [word.replace("localhost:30333", f"localhost:{relay.port}") for word in readme_line(document)]
    assert words != readme_line(document), "the line does not send to localhost:30333"
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
        run("ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10", "-frames:v", "20",
            "-c:v", "mjpeg", "-f", "mpjpeg", *extra, "-method", "POST", f"{relay.url}/upload/test")
        frames = [stream.frame() for _ in range(20)]
        assert len(set(frames)) == 20 and stream.frame() is None
    assert (relay.camera("test")["width"], relay.camera("test")["height"]) == (320, 240)
    # Its end is an ordinary one, though it sends no closing delimiter.
    assert "reason=complete" in relay.wait_for_line(r"streaming upload ended")


@pytest.mark.parametrize("target", ["/stream", "/stream?advance_headers=1", "/?action=stream"])
def test_ffmpeg_reads_twenty_frames(relay, camera, target):
    done = run("ffmpeg", "-v", "error", "-f", "mpjpeg", "-i", f"{relay.url}{target}", "-frames:v", "20",
               "-f", "framemd5", "-")
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


@pytest.fixture
def shared_folder():
    """A folder that a program may use that runs as somebody else."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        yield pathlib.Path(name)


def test_vlc_shows_the_stream(relay, camera, shared_folder):
    # VLC refuses to run as root.
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    command = ["cvlc", "--quiet", "--no-audio", "--vout", "dummy", "--video-filter", "scene", "--scene-format", "png",
               "--scene-ratio", "2", "--scene-path", str(shared_folder), "--scene-prefix", "seen",
               f"{relay.url}/stream"]
    with subprocess.Popen(command, env={**os.environ, "HOME": str(shared_folder)}, **SILENT, **as_nobody) as vlc:
        try:
            seen = wait_until(lambda: len(found := sorted(shared_folder.glob("seen*.png"))) > 5 and found, 60,
                              "six pictures that VLC has shown")
        finally:
            vlc.terminate()
            vlc.wait(20)
    # A PNG's width and height stand at bytes 16 to 24.
    size = seen[0].read_bytes()[16:24]
    assert (int.from_bytes(size[:4], "big"), int.from_bytes(size[4:], "big")) == (640, 480)


def test_gstreamer_decodes_the_stream(relay, camera, tmp_path):
    run("gst-launch-1.0", "-q", "souphttpsrc", f"location={relay.url}/stream", "!", "multipartdemux", "!", "image/jpeg",
        "!", "identity", "eos-after=11", "!", "jpegdec", "!", "videoconvert", "!", "video/x-raw,format=RGB", "!",
        "multifilesink", f"location={tmp_path}/frame-%02d.rgb")
    frames = sorted(tmp_path.glob("frame-*.rgb"))
    assert len(frames) >= 10 and all(frame.stat().st_size == 640 * 480 * 3 for frame in frames), len(frames)


def test_opencv_reads_the_stream(relay, camera):
    # In a process of its own: an OpenCV that waits for ever could not be ended otherwise.
    program = f"""
import cv2
capture = cv2.VideoCapture("{relay.url}/stream", cv2.CAP_FFMPEG)
assert capture.isOpened()
frames = [capture.read() for _ in range(15)]
assert all(ok for ok, _ in frames)
print(frames[-1][1].shape)
"""
    assert run(sys.executable, "-c", program).stdout == b"(480, 640, 3)\n"


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
