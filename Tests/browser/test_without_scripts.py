# SPDX-License-Identifier: MIT
"""What is seen of a camera where no script helps: JavaScript is off, or another site's element shows the stream."""

import io

import pytest
from conftest import PHONE, screenshot, solid, wait_for
from PIL import Image

RED, GREEN, BLUE = (200, 30, 30), (30, 180, 30), (30, 30, 200)
TOLERANCE = 40


def colour_at(page, selector):
    """What is really painted in the middle of the element."""
    box = page.locator(selector).bounding_box()
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        return picture.convert("RGB").getpixel((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))


def wait_for_colour(page, selector, wanted):
    def is_there():
        return all(abs(one - other) < TOLERANCE for one, other in zip(colour_at(page, selector), wanted, strict=True))

    wait_for(is_there, f"{wanted} in {selector}, which shows {colour_at(page, selector)}")


@pytest.mark.parametrize("path", ["/stream/door", "/watch/door", "/stream/door/"])
def test_a_camera_opened_without_javascript_is_seen(serve, open_page, path):
    """A fixed stage lay over the picture, which was another camera's."""
    relay = serve()
    relay.upload("default", solid(BLUE))
    relay.upload("door", solid(RED))
    page = open_page("about:blank", java_script_enabled=False)
    page.goto(relay.url + path, wait_until="commit")
    page.locator("noscript img").wait_for()
    wait_for_colour(page, "noscript img", RED)
    relay.upload("door", solid(GREEN))
    wait_for_colour(page, "noscript img", GREEN)
    screenshot(page, "watch-without-javascript")


def test_the_default_camera_is_seen_without_javascript(serve, open_page):
    relay = serve()
    relay.upload("default", solid(BLUE))
    for path in ("/watch", "/stream", "/"):
        page = open_page("about:blank", java_script_enabled=False, size=PHONE)
        page.goto(relay.url + path, wait_until="commit")
        page.locator("noscript img").wait_for()
        wait_for_colour(page, "noscript img", BLUE)
        page.close()


@pytest.mark.parametrize("element", [
    '<img src="ADDRESS">', '<iframe src="ADDRESS"></iframe>', '<object data="ADDRESS"></object>',
    '<embed src="ADDRESS">',
])
def test_each_frame_is_painted_when_it_comes(serve, open_page, element):
    """In an `<iframe>` every frame was painted when the next one came. No frame is repeated here."""
    relay = serve("--repeat-after", "10m")
    relay.upload("door", solid(BLUE))
    page = open_page("about:blank")
    html = "<!doctype html><body>" + element.replace("ADDRESS", "/stream/door").replace(">", " id='it'>", 1)
    page.route("**/host.html", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{relay.url}/host.html", wait_until="commit")
    wait_for(lambda: relay.camera("door")["viewers"] == 1, "a viewer")
    for colour in (RED, GREEN, BLUE, RED):
        relay.upload("door", solid(colour))
        wait_for_colour(page, "#it", colour)
