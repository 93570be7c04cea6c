# SPDX-License-Identifier: MIT
"""How the pages look and speak: sizes, languages, themes, sub-paths, no JavaScript. Leaves screenshots."""

import io
import math

import pytest
from conftest import DESKTOP, PHONE, TABLET, screenshot, wait_for, wait_for_motion, wait_for_text
from PIL import Image, ImageDraw

SIZES = {"phone": PHONE, "tablet": TABLET, "desktop": DESKTOP}
LANGUAGES = {"en": "en-GB", "ru": "ru-RU"}
NAMES = ["front-door", "gate", "kitchen", "workshop-3d-printer-with-a-long-name", "yard"]


def scene(number, moment=0):
    """A picture with something in it, so that a screenshot shows what a camera would."""
    base = [(40, 70, 110), (90, 60, 40), (40, 90, 60), (80, 40, 80), (60, 80, 90)][number % 5]
    image = Image.new("RGB", (1280, 720))
    draw = ImageDraw.Draw(image)
    for y in range(0, 720, 4):
        draw.rectangle((0, y, 1280, y + 4), fill=tuple(int(part * (0.5 + y / 720)) for part in base))
    for house in range(8):
        x = (house * 180 + moment * 12 + number * 50) % 1400 - 60
        draw.rectangle((x, 420 - house * 22, x + 110, 720), fill=tuple(part + 20 + house * 8 for part in base))
    sun = 900 + 60 * math.cos(moment / 8)
    draw.ellipse((sun, 80, sun + 100, 180), fill=(250, 220, 150))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=80)
    return data.getvalue()


def assert_fits(page):
    """Nothing lies outside the screen's width, and what is touched is large enough."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} scrolls sideways"
    small = page.evaluate("""() => [...document.querySelectorAll('button, a.button, select, input')]
        .filter((element) => element.offsetParent)
        .map((element) => [element.id || element.textContent, element.getBoundingClientRect()])
        .filter(([, box]) => box.width < 44 || box.height < 44).map(([name]) => name)""")
    assert small == []
    outside = page.evaluate("""() => [...document.querySelectorAll('button, a, p, h1, h2')]
        .filter((element) => element.offsetParent && !element.closest('.sr-only'))
        .map((element) => [element.id || element.textContent, element.getBoundingClientRect()])
        .filter(([, box]) => box.left < -1 || box.right > innerWidth + 1).map(([name]) => name)""")
    assert outside == []


@pytest.fixture
def relay(serve):
    return serve("--stale-after", "1h", "--offline-after", "1h", "--forget-after", "2h")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_its_screen(relay, open_page, size, language):
    options = {"size": SIZES[size], "locale": LANGUAGES[language], "has_touch": size == "phone"}

    def shoot(page, name):
        assert page.evaluate("document.documentElement.lang") == language
        assert_fits(page)
        screenshot(page, f"{name}-{size}-{language}")

    wall = open_page(relay.url, **options)
    wall.wait_for_selector("#empty:not([hidden])")
    shoot(wall, "wall-empty")

    watch = open_page(f"{relay.url}/watch/front-door", **options)
    watch.wait_for_selector("[data-phase=unknown]")
    shoot(watch, "watch-unknown")

    relay.upload("front-door", scene(0))
    wall.wait_for_selector("#single [data-phase=live]")
    shoot(wall, "wall-single")
    watch.wait_for_selector("[data-phase=live]")
    shoot(watch, "watch-live")
    watch.keyboard.press("Shift+Slash")
    watch.wait_for_selector("dialog.help[open]")
    shoot(watch, "watch-keys")

    for number, name in enumerate(NAMES):
        relay.upload(name, scene(number))
    wall.wait_for_function("() => document.querySelectorAll('.tile[data-phase=live]').length === 5 || innerWidth < 500")
    wall.wait_for_selector(".tile[data-phase=live]")
    shoot(wall, "wall-grid")

    camera = open_page(f"{relay.url}/camera?camera=phone", **options)
    shoot(camera, "camera-ready")
    camera.click("#settings")
    camera.wait_for_selector("#sheet[open]")
    shoot(camera, "camera-settings")
    camera.keyboard.press("Escape")
    camera.click("#start")
    wait_for_text(camera, "#chip", "On air · [0-9]|В эфире · [0-9]")
    shoot(camera, "camera-sending")
    camera.click("#start")
    camera.evaluate("""() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    }""")
    camera.click("#start")
    camera.wait_for_selector("[data-phase=denied]")
    shoot(camera, "camera-denied")


@pytest.mark.parametrize("state", ["stale", "offline", "reconnecting"])
def test_a_camera_that_is_not_live_keeps_its_picture_under_a_veil(serve, open_page, state):
    server = serve("--stale-after", "300ms", "--offline-after", "5m" if state == "stale" else "600ms")
    server.upload("front-door", scene(0))
    page = open_page(f"{server.url}/watch/front-door", size=PHONE, quiet=False)
    page.wait_for_selector("[data-phase=stale], [data-phase=offline]")
    if state == "reconnecting":
        server.stop()
    page.wait_for_selector(f"[data-phase={state}]")
    assert page.evaluate("getComputedStyle(document.querySelector('#stage img')).filter") != "none"
    assert_fits(page)
    screenshot(page, f"watch-{state}-phone-en")


def test_the_language_is_switched_in_place_and_remembered(relay, open_page):
    page = open_page(f"{relay.url}/?lang=ru")
    wait_for_text(page, "#empty h2", "^Камер пока нет$")
    page.click("#language")
    wait_for_text(page, "#empty h2", "^No cameras yet$")
    assert "lang=" not in page.url
    page.keyboard.press("l")
    page.goto(f"{relay.url}/camera")
    wait_for_text(page, "#sentence", "^Готово к отправке$")


def test_the_theme_is_chosen_and_remembered(relay, open_page):
    page = open_page(relay.url, color_scheme="light")
    background = "() => getComputedStyle(document.documentElement).backgroundColor"
    dark = page.evaluate(background)
    assert dark == "rgb(10, 12, 15)"
    page.keyboard.press("t")
    page.keyboard.press("t")
    assert page.get_attribute("html", "data-theme") == "light"
    light = page.evaluate(background)
    assert light != dark
    page.reload()
    assert page.evaluate(background) == light


def test_a_command_is_ready_to_be_copied(relay, open_page):
    page = open_page(relay.url, permissions=["clipboard-read", "clipboard-write"])
    page.click("#copy")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == ("ffmpeg -re -f lavfi -i testsrc2=size=640x480:rate=10 -c:v mjpeg -f mpjpeg -method POST "
                      f"{relay.url}/upload")


def test_pages_work_below_a_sub_path(relay, feed, open_page):
    feed(relay, "door")
    page = open_page()
    page.route("**/cams/**", lambda route: route.continue_(url=route.request.url.replace("/cams/", "/")))
    page.goto(f"{relay.url}/cams/")
    wait_for_motion(page, "#single-stage img")
    page.click("#single-link")
    page.wait_for_url("**/cams/watch/door")
    wait_for_motion(page, "#stage img")
    page.goto(f"{relay.url}/cams/camera?camera=sub")
    page.click("#start")
    wait_for_text(page, "#chip", "^On air")
    assert relay.camera("sub")


def test_without_javascript_the_plain_stream_is_shown(relay, open_page):
    relay.upload("default", scene(0))
    for path in ("/", "/watch"):
        page = open_page("about:blank", java_script_enabled=False)
        page.goto(relay.url + path, wait_until="commit")
        wait_for(lambda: relay.camera("default")["viewers"] == 1, "a viewer")
        page.close()
        wait_for(lambda: relay.camera("default")["viewers"] == 0, "no viewer")


def test_a_stream_opened_by_itself_is_the_watch_page(relay, feed, open_page):
    feed(relay, "door")
    page = open_page(f"{relay.url}/stream/door")
    wait_for_motion(page, "#stage img")
    assert page.url.endswith("/watch/door")
