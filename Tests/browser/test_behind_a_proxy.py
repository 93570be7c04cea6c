# SPDX-License-Identifier: MIT
"""The pages below a sub-path of a real proxy: every page, every link, and no request beside it."""

import json
import re
import urllib.parse
import urllib.request

import pytest
from conftest import wait_for, wait_for_diagnosis, wait_for_motion, wait_for_text
from proxies import start_caddy, start_nginx

PROXIES = {"nginx": start_nginx, "caddy": start_caddy}
LINKS = """() => [...document.querySelectorAll('[href], [src]')]
    .map((element) => element.getAttribute('href') ?? element.getAttribute('src'))
    .filter((link) => link !== '')
    .map((link) => new URL(link, document.baseURI).href)"""


@pytest.fixture(params=PROXIES)
def behind(request, serve, tmp_path):
    """A server that takes uploads from anybody, and a proxy with the server below /cam/."""
    server = serve("--open-publishing")
    proxy = PROXIES[request.param](tmp_path, server.port)
    yield server, proxy.url
    proxy.stop()


@pytest.fixture
def inside(open_page):
    """A function that opens a page below a root and watches it: whatever it asks for lies there, and is there."""
    strays, seen = [], []

    def start(root, path="", **options):
        page = open_page("about:blank", permissions=["clipboard-read", "clipboard-write", "camera"], **options)

        def ask(request):
            seen.append(request.url)
            if not request.url.startswith((root, "blob:")):
                strays.append(request.url)

        def answer(response):
            if response.status >= 400:
                strays.append(f"{response.status} {response.url}")

        page.context.on("request", ask)
        page.context.on("response", answer)
        page.goto(root + path)
        return page

    yield start
    assert len(seen) > 5
    assert strays == []


def assert_links_stay(page, root):
    links = page.evaluate(LINKS)
    assert len(links) > 5
    assert [link for link in links if not link.startswith((root, "blob:"))] == []


def test_the_wall_and_the_viewer_work_below_a_sub_path(behind, feed, inside):
    server, root = behind
    feed(server, "door")
    page = inside(root)
    wait_for_motion(page, "#single-stage img")
    assert_links_stay(page, root)
    page.click("#single-link")
    page.wait_for_url(f"{root}watch/door")
    wait_for_motion(page, "#stage img")
    assert_links_stay(page, root)
    feed(server, "yard")
    page.click("a[href='../']")
    page.wait_for_url(root)
    wait_for_motion(page, ".tile[href$='/watch/yard'] canvas")
    assert_links_stay(page, root)
    page.click(".tile[href$='/watch/yard']")
    page.wait_for_url(f"{root}watch/yard")
    # Only a page that knows the cameras knows their neighbours.
    wait_for_text(page, "#chip", "^Live")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"{root}watch/door")
    page.keyboard.press("g")
    page.wait_for_url(root)


def test_a_viewer_saves_and_copies_below_a_sub_path(behind, feed, inside):
    server, root = behind
    feed(server, "door")
    page = inside(root, "watch/door")
    wait_for_motion(page, "#stage img")
    with page.expect_download() as download:
        page.click("#snapshot")
    assert download.value.suggested_filename.startswith("door-")
    page.click("#address")
    wait_for(lambda: page.evaluate("navigator.clipboard.readText()") == f"{root}stream/door", "the stream's address")
    # Opened by itself, that address is the viewer again.
    page.goto(f"{root}stream/door")
    wait_for_motion(page, "#stage img")
    assert page.url == f"{root}watch/door"


def test_the_viewer_without_a_name_goes_to_the_default_camera(behind, feed, inside):
    server, root = behind
    feed(server, "default")
    page = inside(root, "watch")
    wait_for_motion(page, "#stage img")
    assert page.url == f"{root}watch/default"


def test_a_camera_page_sends_and_shares_below_a_sub_path(behind, inside):
    server, root = behind
    page = inside(root, "camera?camera=phone")
    assert_links_stay(page, root)
    page.click("#start")
    wait_for_text(page, "#chip", "^On air")
    wait_for(lambda: server.camera("phone"), "the camera phone")
    page.evaluate("Object.defineProperty(navigator, 'share', {value: undefined, configurable: true})")
    page.click("#share")
    wait_for(lambda: page.evaluate("navigator.clipboard.readText()") == f"{root}watch/phone", "the viewer's address")
    viewer = inside(root, "watch/phone")
    wait_for_motion(viewer, "#stage img")


def test_the_empty_wall_names_the_address_behind_the_proxy(behind, inside):
    _, root = behind
    page = inside(root)
    page.wait_for_selector("#empty:not([hidden])")
    assert page.inner_text("#ffmpeg").split()[-1] == f"{root}upload"
    page.click("#empty a")
    page.wait_for_url(f"{root}camera")


def test_the_connection_check_measures_below_the_sub_path(behind, inside):
    _, root = behind
    page = inside(root)
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.locator(".foot a").click()
    page.wait_for_url(f"{root}doctor")
    states = wait_for_diagnosis(page)
    # The proxy is not among the trusted ones here: nothing else is to change.
    assert [check for check, state in states.items() if state != "fine"] == ["proxy"]
    assert sockets == [f"{root}doctor/socket".replace("http", "ws", 1)]
    assert_links_stay(page, root)


def test_icon_and_manifest_lie_below_the_sub_path(behind):
    _, root = behind
    for path in ("", "watch/door", "camera", "doctor"):
        with urllib.request.urlopen(root + path, timeout=5) as answer:
            page = answer.read().decode()
        for kind in ("icon", "manifest"):
            [link] = re.findall(rf'<link rel="{kind}" href="([^"]+)"', page)
            with urllib.request.urlopen(urllib.parse.urljoin(root + path, link), timeout=5) as answer:
                body, address = answer.read(), answer.url
            assert address.startswith(root) and body
    manifest = json.loads(body)
    links = [manifest["start_url"], manifest["scope"], *(icon["src"] for icon in manifest["icons"])]
    for link in links:
        assert urllib.parse.urljoin(address, link).startswith(root)
        with urllib.request.urlopen(urllib.parse.urljoin(address, link), timeout=5) as answer:
            assert answer.status == 200
