# SPDX-License-Identifier: MIT
"""The page that sends, where sending needs a key and where a camera has one sender; and the connection check there."""

import pytest
from conftest import (
    DESKTOP, PHONE, PUBLIC_NAME, screenshot, wait_for, wait_for_diagnosis, wait_for_motion, wait_for_text,
)
from keys import Keys, Witness, token
from test_looks import assert_fits

STATE = "#note:not([hidden]) #sentence"
CLIPBOARD = ["clipboard-read", "clipboard-write", "camera"]


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path)


def start_camera(page):
    page.click("#start")
    wait_for_text(page, "#chip", "^On air")


def paste(page, text):
    page.fill(".key-form input", text)
    page.click(".key-form button")


def test_a_link_sends_one_camera_and_what_is_shared_holds_no_key(serve, keys, open_page):
    keys.add("publish")
    server = serve(*keys.flags)
    link = token("publish", "phone")
    page = open_page(permissions=CLIPBOARD)
    page.add_init_script("Object.defineProperty(navigator, 'share', {value: undefined, configurable: true})")
    witness = Witness(page)
    page.goto(f"{server.url}/camera?camera=phone#key={link}")
    start_camera(page)
    assert page.url == f"{server.url}/camera?camera=phone"
    page.click("#share")
    wait_for(lambda: page.evaluate("navigator.clipboard.readText()") == f"{server.url}/watch/phone", "the shared link")
    wait_for_motion(open_page(f"{server.url}/watch/phone"), "#stage img")
    witness.assert_silent(link)
    assert not any(link in line for line in server.lines)


def test_a_page_without_a_key_asks_for_one_before_the_camera_is_on(serve, keys, open_page):
    key = keys.add("publish", "phone")
    server = serve(*keys.flags)
    page = open_page(quiet=False)
    witness = Witness(page)
    page.goto(f"{server.url}/camera?camera=phone")
    wait_for_text(page, STATE, "^Sending needs a key$")
    paste(page, "wrong-key-of-24-letters-")
    wait_for_text(page, STATE, "^This key is not right$")
    paste(page, key)
    wait_for_text(page, STATE, "^Ready to send$")
    start_camera(page)
    witness.assert_silent(key)


def test_a_key_for_another_camera_is_told_and_the_capture_ends(serve, keys, open_page):
    keys.add("publish")
    server = serve(*keys.flags)
    page = open_page(f"{server.url}/camera?camera=phone#key={token('publish', 'door')}", quiet=False)
    page.click("#start")
    wait_for_text(page, STATE, "^Your key does not allow sending camera “phone”$")
    assert page.evaluate("document.querySelector('video').srcObject") is None
    # What was sending goes on by itself with the right key.
    paste(page, f"{server.url}/camera?camera=phone#key={token('publish', 'phone')}")
    wait_for_text(page, "#chip", "^On air")


def test_a_camera_whose_link_ends_stops_and_says_so(serve, keys, open_page):
    keys.add("publish")
    server = serve(*keys.flags)
    page = open_page(f"{server.url}/camera?camera=phone#key={token('publish', 'phone', seconds=4)}", quiet=False)
    denied = Witness(page).denied
    start_camera(page)
    wait_for_text(page, STATE, "^This link has ended$")
    assert page.evaluate("document.querySelector('video').srcObject") is None
    page.clock.install()
    page.clock.run_for("10:00")
    assert len(denied) == 1


def test_a_server_that_takes_no_cameras_from_elsewhere_says_so_at_once(serve, open_page):
    server = serve("--trusted-proxy", "127.0.0.1")
    page = open_page(quiet=False, extra_http_headers={"X-Forwarded-For": "203.0.113.7"})
    page.goto(f"{server.url}/camera?camera=phone")
    wait_for_text(page, STATE, "^Only the server itself may send cameras$")
    wait_for_text(page, "#detail", "evrelay key --rights publish --cameras phone$")
    assert page.locator(".key-form").is_hidden()


def test_a_name_that_the_relay_does_not_know_is_told(serve, feed, open_page):
    server = serve()
    feed(server, "door")
    page = open_page(f"http://{PUBLIC_NAME}:{server.port}/watch/door", quiet=False)
    wait_for_text(page, ".note p > span", f"^The relay does not know the name {PUBLIC_NAME}$")
    wait_for_text(page, ".note small", f"--allow-host {PUBLIC_NAME}$")
    assert page.locator(".key-form").is_hidden()


def test_the_newcomer_takes_a_camera_over_and_it_can_be_taken_back(serve, open_page):
    server = serve()
    watcher = open_page(f"{server.url}/watch/phone")
    first = open_page(f"{server.url}/camera?camera=phone", quiet=False)
    sent = []
    first.on("request", lambda request: "/upload/" in request.url and sent.append(request))
    start_camera(first)
    wait_for_motion(watcher, "#stage img")
    second = open_page(f"{server.url}/camera?camera=phone", quiet=False)
    start_camera(second)
    wait_for_text(first, "#chip", "^Another device has taken over this camera$")
    assert first.evaluate("document.querySelector('video').srcObject.active")
    count = len(sent)
    wait_for_motion(watcher, "#stage img")
    wait_for_text(first, "#keep", "^Nothing is sent")
    assert len(sent) == count
    names = {request.header_value("x-publisher-id") for request in sent}
    assert len(names) == 1
    first.get_by_role("button", name="Take it back").click()
    wait_for_text(first, "#chip", "^On air")
    wait_for_text(second, "#chip", "^Another device has taken over this camera$")
    wait_for(lambda: first.evaluate("0") == 0 and sent[-1].header_value("x-publisher-id") not in names, "a new name")


def test_a_newcomer_waits_where_a_camera_is_kept(serve, open_page):
    # Nobody watches, so it sends once a second; it must not be stale in between.
    server = serve("--takeover", "refuse", "--stale-after", "3s")
    first = open_page(f"{server.url}/camera?camera=phone")
    start_camera(first)
    second = open_page(f"{server.url}/camera?camera=phone", quiet=False)
    second.click("#start")
    wait_for_text(second, "#chip", "^Another device is sending. Retrying in [0-9]+ s$")
    assert second.evaluate("document.querySelector('video').srcObject.active")
    wait_for_text(first, "#chip", "^On air")
    first.click("#start")
    wait_for_text(second, "#chip", "^On air")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("size", "viewport"), [("phone", PHONE), ("desktop", DESKTOP)], ids=["phone", "desktop"])
def test_the_connection_check_knows_what_a_key_allows(serve, keys, open_page, size, viewport, theme):
    """A wrong key is counted every time: the check shows it once, however often it measures."""
    key = keys.add("publish")
    server = serve(*keys.flags)
    page = open_page(size=viewport, color_scheme=theme, quiet=False)
    witness = Witness(page)
    page.goto(f"{server.url}/doctor")
    assert wait_for_diagnosis(page)["publishing"] == "unavailable"
    wait_for_text(page, "#check-publishing > p", "^This device may not send a camera: a key is needed\\.$")
    assert_fits(page)
    screenshot(page, f"doctor-key-{size}-{theme}", whole=True)
    paste(page, "wrong-key-of-24-letters-")
    wait_for_text(page, "#check-publishing > p", "the key is wrong\\.$")
    wait_for_diagnosis(page)
    bearers = [one for one in witness.requests if (one.header_value("authorization") or "").endswith("letters-")]
    assert len([one for one in bearers if one.url.endswith("/doctor/info")]) == 1
    paste(page, key)
    wait_for_text(page, "#check-publishing > p", "^This device may send a camera\\.$")
    assert all(state == "fine" for state in wait_for_diagnosis(page).values())
    assert page.locator(".key-form").is_hidden()
    witness.assert_silent(key)
