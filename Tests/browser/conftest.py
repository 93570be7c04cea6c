# SPDX-License-Identifier: MIT
"""Fixtures of the browser tests: the built server on a free port, Debian's Chromium with its fake camera, frames."""

import io
import json
import os
import pathlib
import re
import subprocess
import threading
import time
import urllib.request

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = ROOT / os.environ.get("EVRELAY_BINARY", ".build/release/evrelay")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SCREENSHOTS = ROOT / "artifacts" / "screenshots"
PHONE = {"width": 360, "height": 740}
TABLET = {"width": 768, "height": 1024}
DESKTOP = {"width": 1440, "height": 900}
# A name that is not this machine's own, so that a page under it is no secure context over plain HTTP.
PUBLIC_NAME = "cam.example"
# The rows of the connection check, in their order.
EVERY_CHECK = ["reach", "head", "small", "large", "socket", "upload", "body", "clock", "proxy", "host", "scheme",
               "protocol", "publishing", "secure", "camera", "browser"]
START_SECONDS = 15
WAIT_MS = 15_000


def solid(colour, size=(320, 240)):
    """One JPEG of a single colour."""
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "JPEG", quality=80)
    return data.getvalue()


class Server:
    """The real binary; it has a `tls_url` where its flags give it a certificate. `start_again` keeps the port."""

    def __init__(self, *flags, port=0):
        self.flags = flags
        self.lines = []
        self.tls_url = None
        self._start(port)

    def _start(self, port):
        self._launch([str(BINARY), "--listen", f"127.0.0.1:{port}", *self.flags])

    def _launch(self, command, **options):
        # Ours names the binary; the server takes it for a setting that it does not know.
        environment = {name: value for name, value in os.environ.items() if name != "EVRELAY_BINARY"}
        options = {"env": environment, **options}
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)
        self._ready = threading.Event()
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        if not self._ready.wait(START_SECONDS):
            self.stop()
            raise RuntimeError("the server did not listen:\n" + "\n".join(self.lines))

    def _read(self, process):
        addresses = 2 if "--tls-certificate" in self.flags else 1
        for line in process.stderr:
            self.lines.append(line.rstrip())
            found = re.search(r"listening .*url=(https?)://[^ ]*?:(\d+)", line)
            if found and found.group(1) == "https":
                self.tls_url = f"https://localhost:{found.group(2)}"
            elif found:
                self.port = int(found.group(2))
                self.url = f"http://localhost:{self.port}"
            addresses -= found is not None
            if addresses == 0:
                self._ready.set()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server did not end:\n" + "\n".join(self.lines[-20:])) from None

    def start_again(self):
        self._start(self.port)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=5) as answer:
            return json.load(answer)

    def camera(self, name):
        return next((camera for camera in self.get("cameras")["cameras"] if camera["name"] == name), None)

    def upload(self, name, frame):
        url = f"http://127.0.0.1:{self.port}/upload/{name}"
        request = urllib.request.Request(url, data=frame, headers={"Content-Type": "image/jpeg"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)


class Feed:
    """A camera that sends changing pictures until it is stopped; a server that is away does not end it."""

    COLOURS = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40)]

    def __init__(self, server, name, interval=0.1):
        self.frames = [solid(colour) for colour in self.COLOURS]
        self.server, self.name, self.interval = server, name, interval
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        sent = 0
        while not self._stopping.wait(self.interval):
            try:
                self.server.upload(self.name, self.frames[sent % len(self.frames)])
                sent += 1
            except OSError:
                pass

    def stop(self):
        self._stopping.set()
        self._thread.join()


@pytest.fixture
def serve():
    """A function that starts a server with flags; all are ended with the test."""
    servers = []

    def start(*flags):
        servers.append(Server(*flags))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture
def feed():
    """A function that starts a camera; all are stopped with the test."""
    feeds = []

    def start(server, name, interval=0.1):
        feeds.append(Feed(server, name, interval))
        return feeds[-1]

    yield start
    for one in feeds:
        one.stop()


@pytest.fixture(scope="session")
def browser():
    flags = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
             "--ignore-certificate-errors",
             f"--host-resolver-rules=MAP {PUBLIC_NAME} 127.0.0.1"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """A function that opens a page in a context of its own. What its console calls an error fails the test, unless
    `quiet=False` says that errors are what the test is about; a breach of the Content-Security-Policy always does,
    unless that is meant too."""
    contexts, complaints = [], []

    def start(url="about:blank", *, size=DESKTOP, locale="en-GB", quiet=True, before=None,
              is_csp_breach_meant=False, **options):
        context = browser.new_context(viewport=size, locale=locale, **options)
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()

        def hear(message):
            is_breach = "Content Security Policy" in message.text and not is_csp_breach_meant
            if message.type == "error" and (quiet or is_breach):
                complaints.append(f"{page.url}: {message.text}")

        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        if before:
            page.add_init_script(before)
        page.goto(url)
        return page

    yield start
    for context in contexts:
        context.close()
    assert complaints == []


def wait_for(condition, message, seconds=15):
    """Polls until the condition holds; its value, or a failure that says what was awaited."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(message)
        time.sleep(0.02)


PIXEL = """selector => {
    const picture = document.querySelector(selector);
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 8;
    const context = canvas.getContext('2d');
    if (!(picture?.naturalWidth ?? picture?.width)) return '';
    context.drawImage(picture, 0, 0, 8, 8);
    return context.getImageData(0, 0, 8, 8).data.join();
}"""


def wait_for_motion(page, selector, pictures=3):
    """Waits until so many different pictures were on the screen."""
    script = f"""selector => {{
        const seen = window.seenPictures ??= new Set();
        const look = {PIXEL};
        const now = look(selector);
        if (now) seen.add(now);
        return seen.size >= {pictures};
    }}"""
    page.evaluate("window.seenPictures = undefined")
    page.wait_for_function(script, arg=selector, polling=20, timeout=WAIT_MS)


def wait_for_text(page, selector, pattern):
    script = "([selector, pattern]) => new RegExp(pattern).test(document.querySelector(selector)?.textContent ?? '')"
    try:
        page.wait_for_function(script, arg=[selector, pattern], timeout=WAIT_MS)
    except Exception as error:
        text = page.evaluate("selector => document.querySelector(selector)?.textContent", selector)
        raise AssertionError(f"{selector} says {text!r}, not {pattern!r}") from error


def wait_for_diagnosis(page):
    page.wait_for_function("() => !document.querySelector('#again').disabled", timeout=30_000)
    states = page.evaluate("""() => Object.fromEntries([...document.querySelectorAll('.check')]
        .map((row) => [row.id.replace('check-', ''), row.dataset.state]))""")
    assert list(states) == EVERY_CHECK
    return states


def screenshot(page, name, whole=False):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)
