# SPDX-License-Identifier: MIT
"""Programs and cameras that people had trouble with, each with its story."""

import pathlib
import subprocess

import pytest

import pictures
from programs import SILENT, run
from settings import REPOSITORY
from waiting import wait_until

JAVA = REPOSITORY / "Tests/system/StreamClient.java"


@pytest.fixture
def photo(tmp_path) -> pathlib.Path:
    path = tmp_path / "f1.jpg"
    path.write_bytes(pictures.picture())
    return path


@pytest.mark.parametrize("target", ["/?action=stream&frames=2", "/stream?frames=2"])
def test_java_gets_the_stream_and_no_page(relay, camera, photo, target):
    """URLConnection accepts text/html by itself and was sent to the watch page."""
    boundary = ";boundary=boundarydonotcross" if "action" in target else "; boundary=frame"
    done = run("java", str(JAVA), relay.url + target, f"{relay.url}/upload/java", str(photo))
    old, new, put = done.stdout.decode().splitlines()
    for line in (old, new):
        status, kind = line.rsplit(" ", 1)[0].split(" ", 1)
        assert (status, kind) == ("200", f"multipart/x-mixed-replace{boundary}"), line
        assert int(line.rsplit(" ", 1)[1]) > 2 * 1000, line
    assert put == "200"
    assert relay.get("/snapshot/java").body == photo.read_bytes()


GSTREAMER_SINKS = {
    # It puts each picture without a type.
    "souphttpclientsink": [],
    "curlhttpsink": ["content-type=image/jpeg", "use-content-length=true"],
}


@pytest.mark.parametrize("sink", GSTREAMER_SINKS)
def test_gstreamer_sends(relay, sink):
    run("gst-launch-1.0", "--quiet", "videotestsrc", "num-buffers=10", "is-live=true", "!",
        "video/x-raw,width=320,height=240,framerate=10/1", "!", "jpegenc", "!", sink,
        f"location={relay.url}/upload/gst", *GSTREAMER_SINKS[sink])
    seen = relay.camera("gst")
    assert (seen["width"], seen["height"], seen["state"]) == (320, 240, "live"), seen


def test_wget_gets_what_came_within_the_same_second(relay, tmp_path):
    """Until a frame came in a later second, If-Modified-Since was answered 304."""
    first, second = pictures.numbered(1, "320x240"), pictures.numbered(2)
    assert len(first) != len(second)
    for _ in range(20):
        for frame in (first, second):
            relay.upload(frame)
            run("wget", "--quiet", "-N", f"{relay.url}/snapshot/default.jpg", cwd=tmp_path)
            assert (tmp_path / "default.jpg").read_bytes() == frame


def test_curl_names_the_camera_by_the_file(relay, photo):
    """The snapshot of f1.jpg was that of the camera f1, or none."""
    relay.upload(pictures.numbered(1), "f1")
    run("curl", "--silent", "--fail", "-T", str(photo), f"{relay.url}/upload/")
    assert relay.get("/snapshot/f1.jpg").body == photo.read_bytes()
    assert relay.get("/snapshot/f1").body == pictures.numbered(1)


def test_a_file_of_padded_frames_is_sent_as_it_is(relay, tmp_path):
    """UVC cameras by `ffmpeg -c copy`: thousands of bytes behind each frame were refused, and ffmpeg said Broken pipe."""
    frame = pictures.picture()
    film = tmp_path / "padded.mjpeg"
    film.write_bytes((frame + bytes(3000)) * 20)
    run("ffmpeg", "-v", "error", "-re", "-framerate", "20", "-f", "mjpeg", "-i", str(film), "-c", "copy", "-f", "mpjpeg",
        "-method", "POST", f"{relay.url}/upload/padded")
    assert relay.get("/snapshot/padded").body == frame
    line = relay.wait_for_line("streaming upload ended")
    assert "frames=20" in line and "reason=complete" in line, line
    assert len([line for line in relay.lines if "bytes behind a frame left out" in line]) == 1, relay.lines


def test_a_camera_whose_frames_are_mostly_damaged(relay, tmp_path):
    """A C930e sends a damaged frame first, others mostly damaged ones; ffmpeg passes them on."""
    frame = pictures.picture()
    film = tmp_path / "damaged.mjpeg"
    cut = frame[:len(frame) * 2 // 3]
    film.write_bytes((cut * 7 + frame) * 5)
    run("ffmpeg", "-v", "error", "-re", "-framerate", "50", "-f", "mjpeg", "-i", str(film), "-c", "copy", "-f", "mpjpeg",
        "-method", "POST", f"{relay.url}/upload/damaged")
    assert relay.get("/snapshot/damaged").body == frame
    line = relay.wait_for_line("streaming upload ended")
    assert "frames=5" in line and "reason=complete" in line, line


def test_mplayer_shows_the_stream(relay):
    """It chooses by the address's ending."""
    words = ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=640x480:rate=25", "-vf",
             # It looks at some megabytes before it shows anything.
             "noise=alls=40:allf=t", "-q:v", "2", "-c:v", "mjpeg", "-f", "mpjpeg", "-method", "POST",
             f"{relay.url}/upload/fast"]
    with subprocess.Popen(words, **SILENT) as ffmpeg:
        wait_until(lambda: relay.get("/cameras/fast").status == 200, 20, "the first frame")
        done = run("mplayer", "-noconsolecontrols", "-nolirc", "-vo", "null", "-nosound", "-nocache", "-frames", "3",
                   f"{relay.url}/stream/fast.mjpg")
        assert b"VO: [null]" in done.stdout, done.stdout[-1000:]
        ffmpeg.terminate()


@pytest.mark.parametrize("target", ["/snapshot/f1.jpg", "/snapshot/f1", "/?action=snapshot&camera=f1?1595836800000"])
def test_feh_shows_a_snapshot(relay, photo, target):
    relay.upload(photo.read_bytes(), "f1")
    run("xvfb-run", "--auto-servernum", "feh", "--on-last-slide", "quit", "--slideshow-delay", "0.2", relay.url + target)


def test_a_link_local_address_may_name_its_interface(relay):
    """requests, aiohttp and httpx send it in Host."""
    for host in ("[fe80::1%eth0]", "[fe80::1%25eth0]"):
        done = run("curl", "--silent", "--fail", "-H", f"Host: {host}:30333", f"{relay.url}/healthz")
        assert done.stdout, host


def test_a_camera_that_pauses_longer_than_the_idle_time_goes_on(start_relay):
    """It was ended at --idle-timeout, and the documents named --body-timeout."""
    relay = start_relay("--body-timeout", "30s", "--idle-timeout", "300ms")
    with relay.connect() as wire:
        wire.send(b"POST /upload/slow HTTP/1.1\r\nHost: x\r\n"
                  b"Content-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n")
        part = b"--b\r\nContent-Type: image/jpeg\r\n\r\n" + pictures.picture() + b"\r\n"
        wire.send(part)
        with relay.connect() as idle:
            idle.request("GET", "/healthz")
            assert idle.response().status == 200
            assert idle.ends_within(10), "an idle connection is still open"
        wire.send(part + b"--b--\r\n")
        assert wire.response("POST").json()["frames"] == 2
