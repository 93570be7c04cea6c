# SPDX-License-Identifier: MIT
"""Programs that watch and send, run to their end, and how each is told whom to believe about a certificate."""

import ast
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

from waiting import wait_until

NOBODY = 65534
SILENT = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def run(*command: str, seconds: float = 60, **options) -> subprocess.CompletedProcess:
    """Runs a client to its end; fails with what it said if it failed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, **options)
    said = f"{done.stdout[-2000:]!r}\n{done.stderr[-2000:]!r}"
    assert done.returncode == 0, f"{shlex.join(command)}: status {done.returncode}\n{said}"
    return done


def is_https(relay) -> bool:
    return relay.url.startswith("https:")


def ffmpeg_trust(relay) -> list[str]:
    """Options of an address that ffmpeg reads or writes; without them it takes any certificate."""
    return ["-tls_verify", "1", "-ca_file", str(relay.authority)] if is_https(relay) else []


def curl_trust(relay) -> list[str]:
    return ["--cacert", str(relay.authority)] if is_https(relay) else []


def vlc_pictures(relay, url: str, *options: str) -> tuple[int, int]:
    """Lets VLC show six pictures; their width and height."""
    # VLC refuses to run as root.
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        folder = pathlib.Path(name)
        if is_https(relay):
            shutil.copy(relay.authority, folder / "authority.pem")
            options = ("--no-gnutls-system-trust", f"--gnutls-dir-trust={folder}", *options)
        command = ["cvlc", "--quiet", "--no-audio", "--vout", "dummy", "--video-filter", "scene", "--scene-format",
                   "png", "--scene-ratio", "2", "--scene-path", name, "--scene-prefix", "seen", *options, url]
        with subprocess.Popen(command, env={**os.environ, "HOME": name}, **SILENT, **as_nobody) as vlc:
            try:
                seen = wait_until(lambda: len(found := sorted(folder.glob("seen*.png"))) > 5 and found, 60,
                                  "six pictures that VLC has shown")
            finally:
                vlc.terminate()
                vlc.wait(20)
        # A PNG's width and height stand at bytes 16 to 24.
        size = seen[0].read_bytes()[16:24]
    return int.from_bytes(size[:4], "big"), int.from_bytes(size[4:], "big")


def gstreamer_frames(relay, url: str, folder: pathlib.Path, *properties: str) -> list[pathlib.Path]:
    """Lets GStreamer decode some frames of a stream, with these properties of its source; a file each."""
    trust = [f"ssl-ca-file={relay.authority}"] if is_https(relay) else []
    # With libsoup 3, which it prefers, it takes an authority from a program alone, no longer from a file.
    env = {**os.environ, **({"LD_PRELOAD": "libsoup-2.4.so.1"} if trust else {})}
    run("gst-launch-1.0", "-q", "souphttpsrc", *trust, *properties, f"location={url}", "!", "multipartdemux", "!",
        "image/jpeg", "!", "identity", "eos-after=11", "!", "jpegdec", "!", "videoconvert", "!",
        "video/x-raw,format=RGB", "!", "multifilesink", f"location={folder}/frame-%02d.rgb", env=env)
    return sorted(folder.glob("frame-*.rgb"))


def opencv_shapes(relay, url: str) -> list[tuple[int, int, int]]:
    """Lets OpenCV read fifteen frames of a stream; their heights, widths and colours."""
    # In a process of its own: an OpenCV that waits for ever could not be ended otherwise.
    program = f"""
import cv2
capture = cv2.VideoCapture({url!r}, cv2.CAP_FFMPEG)
assert capture.isOpened()
frames = [capture.read() for _ in range(15)]
assert all(ok for ok, _ in frames)
print([frame.shape for _, frame in frames])
"""
    trust = {"OPENCV_FFMPEG_CAPTURE_OPTIONS": f"tls_verify;1|ca_file;{relay.authority}"} if is_https(relay) else {}
    return ast.literal_eval(run(sys.executable, "-c", program, env={**os.environ, **trust}).stdout.decode())
