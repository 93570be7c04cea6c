# SPDX-License-Identifier: MIT
"""A restart as systemd makes it: somebody else keeps the listening socket, so no connection is refused, and the pages
have to notice by themselves that theirs are gone."""

import socket
import time

import pytest
from conftest import BINARY, WAIT_MS, Server, solid, wait_for, wait_for_motion, wait_for_text

LIVE_AGAIN_SECONDS = 2
GREEN = (0, 255, 0)
RED, BLUE = (200, 40, 40), (40, 40, 200)
# Samples the picture until it is green, and tells when that was (Unix milliseconds).
WATCH_FOR_GREEN = """selector => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const context = canvas.getContext('2d', {willReadFrequently: true});
    window.greenAt = 0;
    const timer = setInterval(() => {
        const picture = document.querySelector(selector);
        if (!(picture?.naturalWidth ?? picture?.width)) return;
        context.drawImage(picture, 0, 0, 1, 1);
        const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
        if (green < 235 || red > 30 || blue > 30) return;
        clearInterval(timer);
        window.greenAt = performance.timeOrigin + performance.now();
    }, 5);
}"""

# Notes every moment at which the page says that there is no camera.
WATCH_FOR_ABSENCE = """() => {
    window.absent = [];
    new MutationObserver(() => {
        const said = document.querySelector('#empty:not([hidden])') ?? document.querySelector('[data-phase=unknown]');
        if (said) window.absent.push(said.textContent);
    }).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""


class ActivatedServer(Server):
    """The binary on a socket that this test keeps: as systemd passes it, as descriptor 3."""

    def __init__(self, *flags):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        super().__init__(*flags, port=self.listener.getsockname()[1])

    def _start(self, port):
        self.port, self.url = port, f"http://localhost:{port}"
        handle = self.listener.fileno()
        command = f'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@" 3<&{handle}'
        self._launch(
            ["bash", "-c", command, str(BINARY), "--listen", "systemd", *self.flags], pass_fds=(handle,))

    def _read(self, process):
        for line in process.stderr:
            self.lines.append(line.rstrip())
            if "listening" in line and not self._ready.is_set():
                self.listening_at = time.time()
                self._ready.set()

    def restart(self):
        self.stop()
        self._start(self.port)


@pytest.fixture
def activated():
    server = ActivatedServer()
    yield server
    if server.process.poll() is None:
        server.stop()
    server.listener.close()


def seconds_to_green(page, server):
    page.wait_for_function("() => window.greenAt > 0", polling=20, timeout=WAIT_MS)
    return page.evaluate("window.greenAt") / 1000 - server.listening_at


@pytest.mark.parametrize(("path", "cameras", "picture"), [
    ("/watch/door", 1, "#stage img"),
    ("/", 1, "#single-stage img"),
    ("/", 2, ".tile[href$='/watch/door'] canvas"),
], ids=["viewer", "single", "wall"])
def test_a_new_frame_is_on_the_page_two_seconds_after_a_restart(activated, feed, open_page, path, cameras, picture):
    before = [solid(RED), solid(BLUE)]
    feeds = [feed(activated, name) for name in ("door", "yard")[:cameras]]
    feeds[0].frames = before
    wait_for(lambda: len(activated.get("cameras")["cameras"]) == cameras, "the cameras")
    page = open_page(activated.url + path, quiet=False)
    wait_for_motion(page, picture, 2)
    took = []
    for _ in range(3):
        page.evaluate(WATCH_FOR_GREEN, picture)
        activated.restart()
        # Only the new process ever gets a green frame.
        feeds[0].frames = [solid(GREEN)]
        took.append(seconds_to_green(page, activated))
        feeds[0].frames = before
        wait_for_motion(page, picture, 2)
    print(f"\nlive again after {', '.join(f'{seconds:.2f}' for seconds in took)} s")
    assert max(took) < LIVE_AGAIN_SECONDS


@pytest.mark.parametrize(("path", "picture"), [("/watch/door", "#stage img"), ("/", "#single-stage img")])
def test_a_camera_whose_next_frame_is_late_keeps_its_place_over_a_restart(activated, feed, open_page, path, picture):
    camera = feed(activated, "door")
    page = open_page(activated.url + path, quiet=False)
    wait_for_motion(page, picture)
    page.evaluate(WATCH_FOR_ABSENCE)
    camera.stop()
    activated.restart()
    answers = []
    page.on("response", lambda response: response.url.endswith("/cameras") and answers.append(response.json()))
    # Events reach the test while it asks the page something.
    wait_for(lambda: page.evaluate("0") == 0 and len(answers) >= 2, "two answers of the new server")
    assert all(answer["cameras"] == [] for answer in answers)
    feed(activated, "door")
    wait_for_motion(page, picture)
    assert page.evaluate("window.absent") == []


def test_a_camera_page_goes_on_sending_two_seconds_after_a_restart(activated, open_page):
    page = open_page(f"{activated.url}/camera?camera=phone", quiet=False)
    page.click("#start")
    wait_for_text(page, "#chip", "^On air")
    took = []
    for _ in range(3):
        activated.restart()
        wait_for(lambda: activated.camera("phone"), "the camera phone")
        took.append(time.time() - activated.listening_at)
        wait_for_text(page, "#chip", "^On air")
    print(f"\nsending again after {', '.join(f'{seconds:.2f}' for seconds in took)} s")
    assert max(took) < LIVE_AGAIN_SECONDS
