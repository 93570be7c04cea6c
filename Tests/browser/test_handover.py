# SPDX-License-Identifier: MIT
"""A plain page elsewhere with nothing but an <img>: no script, nothing that could reconnect. An upgrade of the relay must
not be seen there, as the streams go on in the new process."""

import http.server
import io
import sys
import threading
import time

import pytest
from PIL import Image
from conftest import ROOT, WAIT_MS, Server, solid, wait_for

sys.path.insert(0, str(ROOT / "Tests" / "system"))

from manager import Manager  # noqa: E402  (of the process tests, which play the service manager)

BEFORE, AFTER = (200, 40, 40), (40, 40, 200)
IMAGES = {"plain": "/stream/door", "mjpg-streamer": "/?action=stream&camera=door", "limited": "/stream/door?fps=30"}


class PlainSite:
    """Somebody's web site with one page and no script."""

    def __init__(self, body: str):
        page = f"<!doctype html><title>Elsewhere</title>{body}".encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Passed(Server):
    """Whatever process answers on a port that others look after."""

    def __init__(self, port: int):
        self.port, self.url = port, f"http://localhost:{port}"


class Camera:
    """Sends one colour until it is told another; a relay that is restarting makes it wait, not fail."""

    def __init__(self, port: int):
        self.server = Passed(port)
        self.colour, self.failures = BEFORE, []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stopping.wait(0.1):
            try:
                self.server.upload("door", solid(self.colour))
            except OSError as error:
                self.failures.append(error)

    def stop(self):
        self._stopping.set()
        self._thread.join()


def seen_colour(page, selector):
    """The colour in the middle of the element as it is painted."""
    shot = Image.open(io.BytesIO(page.locator(selector).screenshot())).convert("RGB")
    return shot.getpixel((shot.width // 2, shot.height // 2))


def is_near(colour, wanted):
    return all(abs(one - other) < 30 for one, other in zip(colour, wanted, strict=True))


@pytest.mark.parametrize("target", IMAGES.values(), ids=IMAGES.keys())
def test_a_bare_image_on_somebodys_page_does_not_notice_upgrades(tmp_path, browser, target):
    manager = Manager(tmp_path)
    port = manager.listen()
    relay = manager.start()
    camera = Camera(port)
    site = PlainSite(f'<img id="picture" src="http://localhost:{port}{target}" width="320" height="240">')
    context = browser.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        # Not the end of loading: an <img> with a stream never ends.
        page.goto(site.url, wait_until="commit")
        wait_for(lambda: is_near(seen_colour(page, "#picture"), BEFORE), "the picture before")
        for colour in (AFTER, BEFORE, AFTER):
            manager.end(relay)
            relay = manager.start()
            started = time.monotonic()
            # Only the new process ever gets a frame of this colour.
            camera.colour = colour
            wait_for(lambda wanted=colour: is_near(seen_colour(page, "#picture"), wanted), "the picture goes on")
            print(f"painted {time.monotonic() - started:.2f} s after the restart")
        streams = [url for url in requests if f":{port}" in url]
        assert len(streams) == 1, f"the browser asked again: {streams}"
        assert camera.failures == [], "an upload was lost"
    finally:
        context.close()
        site.close()
        camera.stop()
        manager.close()
