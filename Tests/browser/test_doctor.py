# SPDX-License-Identifier: MIT
"""The connection check: a good way is called fine, and every kind of bad one is named with the lines that mend it."""

import pytest
from conftest import (
    DESKTOP, EVERY_CHECK, PHONE, PUBLIC_NAME, screenshot, wait_for, wait_for_diagnosis, wait_for_text,
)
from proxies import NGINX_GOOD, start_nginx
from test_looks import assert_fits

CLIPBOARD = ["clipboard-read", "clipboard-write", "camera"]
NGINX_BAD = NGINX_GOOD.replace(
    "proxy_buffering off;", "proxy_buffering on;\n    proxy_ignore_headers X-Accel-Buffering;")
NGINX_PLAIN = "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering; client_max_body_size 100k;"


@pytest.fixture
def nginx(tmp_path):
    """A function that puts nginx with these lines before a server; ended with the test."""
    proxies = []

    def start(upstream, lines, **options):
        folder = tmp_path / str(len(proxies))
        folder.mkdir()
        proxies.append(start_nginx(folder, upstream, lines=lines, **options))
        return proxies[-1]

    yield start
    for proxy in proxies:
        proxy.stop()


def different(states):
    return {check: state for check, state in states.items() if state != "fine"}


def said(page, check):
    return page.inner_text(f"#check-{check} > p")


def lines(page, check, program):
    block = page.locator(f"#check-{check} figure", has=page.locator("figcaption", has_text=program))
    return block.locator("pre").inner_text()


@pytest.mark.parametrize(("language", "outcome", "state"), [
    ("en-GB", "Everything is fine", "Fine"), ("ru-RU", "Всё в порядке", "В порядке"),
])
def test_a_direct_way_is_fine(serve, open_page, language, outcome, state):
    server = serve()
    page = open_page(f"{server.url}/doctor", locale=language)
    assert different(wait_for_diagnosis(page)) == {}
    assert page.inner_text("#outcome") == outcome
    assert page.get_by_role("status").first.inner_text() == outcome
    assert {chip.inner_text() for chip in page.locator(".check .chip").all()} == {state}
    assert page.locator("#jump").is_hidden() and page.locator("pre").count() == 0


def test_a_proxy_that_collects_is_found_and_mended(serve, nginx, open_page):
    server = serve("--trusted-proxy", "127.0.0.1", "--open-publishing")
    bad = nginx(server.port, NGINX_BAD)
    page = open_page(f"{bad.url}doctor", permissions=CLIPBOARD)
    # nginx hands on each small chunk of HTTP/1.1 by itself; of a large one it keeps what fills no whole buffer.
    assert different(wait_for_diagnosis(page)) == {"head": "warning", "large": "problem"}
    wait_for_text(page, "#outcome", "^1 thing to change$")
    wait_for_text(page, "#check-large > p", "^Parts of 16 KiB are held back, up to 2[0-9][0-9] ms:")
    mended = lines(page, "head", "nginx")
    assert mended.startswith("# location /cam/ { … }\nproxy_buffering off;")
    assert "# no flush_interval" in lines(page, "head", "Caddy")
    page.locator("#check-head .lines button").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == mended
    page.locator("#check-large a").click()
    assert page.url.endswith("/cam/doctor#check-head")
    # What the page advises is what mends it.
    advised = NGINX_BAD.replace("proxy_buffering on;", "").replace("proxy_ignore_headers X-Accel-Buffering;", mended)
    good = nginx(server.port, advised)
    page.goto(f"{good.url}doctor")
    assert different(wait_for_diagnosis(page)) == {}


def test_a_plain_proxy_and_plain_http_are_explained_in_both_languages(serve, nginx, open_page):
    """nginx as it comes, with two mistakes on top: everything that a plain `proxy_pass` gets wrong is told."""
    server = serve()
    proxy = nginx(server.port, NGINX_PLAIN, host=PUBLIC_NAME)
    page = open_page(f"{proxy.url}doctor?lang=en", quiet=False)
    states = wait_for_diagnosis(page)
    assert different(states) == {
        "head": "warning", "small": "problem", "large": "problem", "socket": "warning", "upload": "problem",
        "body": "problem", "proxy": "problem", "host": "problem", "protocol": "warning", "secure": "warning",
        "camera": "unavailable",
    }
    wait_for_text(page, "#check-small > p", "^Parts of 64 bytes are held back, up to 1,[0-9]+ ms:")
    assert "status 403" in said(page, "upload") and "$http_host" in lines(page, "upload", "nginx")
    assert "413" in said(page, "body") and "client_max_body_size 0;" in lines(page, "body", "nginx")
    assert "Upgrade $http_upgrade" in lines(page, "socket", "nginx")
    assert "X-Forwarded-For" in lines(page, "proxy", "nginx")
    # The lines for WebSockets mend the protocol, too; both together would set Connection twice.
    assert "HTTP/1.0" in said(page, "protocol") and "proxy_http_version 1.1;" in lines(page, "socket", "nginx")
    assert page.locator("#check-protocol a").get_attribute("href") == "#check-socket"
    assert "--tls-self-signed" in lines(page, "secure", "EvRelay")
    assert "plain HTTP" in said(page, "secure") and f"{PUBLIC_NAME} {{" in lines(page, "secure", "Caddy")
    assert "Without HTTPS" in said(page, "camera") and page.locator("#try-camera").is_hidden()
    wait_for_text(page, "#outcome", "^6 things to change$")
    page.click("#language")
    wait_for_text(page, "#outcome", "^Нужно исправить: 6 пунктов$")
    assert "простому HTTP" in said(page, "secure")
    assert page.locator("#jump a").count() == 6


def test_a_proxy_is_to_be_trusted_by_its_address(serve, nginx, open_page):
    server = serve("--open-publishing")
    page = open_page(f"{nginx(server.port, NGINX_GOOD).url}doctor")
    assert different(wait_for_diagnosis(page)) == {"proxy": "warning"}
    assert "EVRELAY_TRUSTED_PROXY=127.0.0.1\n# evrelay --trusted-proxy 127.0.0.1" in lines(page, "proxy", "EvRelay")


def test_a_visitor_who_may_not_send_has_nothing_to_change(serve, nginx, open_page):
    server = serve("--trusted-proxy", "127.0.0.1")
    elsewhere = NGINX_GOOD.replace("$proxy_add_x_forwarded_for", "203.0.113.7")
    page = open_page(f"{nginx(server.port, elsewhere).url}doctor")
    assert different(wait_for_diagnosis(page)) == {"publishing": "unavailable"}
    assert "203.0.113.7" in said(page, "proxy")
    assert "EVRELAY_OPEN_PUBLISHING=on" in lines(page, "publishing", "EvRelay")
    wait_for_text(page, "#outcome", "^Everything is fine$")


def test_a_relay_that_is_gone_is_told_and_found_again(serve, open_page):
    server = serve()
    page = open_page(f"{server.url}/doctor", quiet=False)
    wait_for_diagnosis(page)
    server.stop()
    page.click("#again")
    states = wait_for_diagnosis(page)
    # Without the relay nobody judges: the page has one verdict of its own.
    assert states.pop("reach") == "problem" and set(states.values()) == {"unavailable"}
    wait_for_text(page, "#check-reach > p", "^The relay does not answer.$")
    wait_for_text(page, "#outcome", "^1 thing to change$")
    assert page.locator("#try-camera").is_hidden()
    page.click("#language")
    wait_for_text(page, "#check-reach > p", "^Сервер не отвечает.$")
    page.click("#language")
    assert "journalctl --unit evrelay" in lines(page, "reach", "shell")
    server.start_again()
    page.click("#again")
    assert different(wait_for_diagnosis(page)) == {}


def test_a_proxy_that_refuses_what_is_sent_is_told_by_its_status(serve, nginx, open_page):
    server = serve("--trusted-proxy", "127.0.0.1", "--open-publishing")
    page = open_page(f"{nginx(server.port, NGINX_GOOD + 'limit_except GET { deny all; }').url}doctor", quiet=False)
    page.wait_for_function("() => !document.querySelector('#again').disabled", timeout=30_000)
    assert said(page, "reach") == "The relay gives no findings (status 403)."
    assert page.locator(".check").count() == 1 and "systemctl status evrelay" in lines(page, "reach", "shell")


def test_another_language_is_spoken_at_once_also_while_it_measures(serve, open_page):
    server = serve()
    page = open_page(f"{server.url}/doctor?lang=en")
    wait_for_text(page, "#check-reach > p", "^The relay answers in ")
    page.click("#language")
    wait_for_text(page, "#check-reach > p", "^Сервер отвечает за ")
    assert page.locator("#again").is_disabled()
    wait_for_text(page, "#check-browser h2", "^Браузер$")
    wait_for_diagnosis(page)
    assert page.inner_text("#outcome") == "Всё в порядке"


def test_the_camera_is_tried_only_on_request_and_switched_off_at_once(serve, open_page):
    server = serve()
    spy = """
        window.tracks = [];
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (...wish) => {
            const stream = await ask(...wish);
            tracks.push(...stream.getTracks());
            return stream;
        };"""
    page = open_page(f"{server.url}/doctor", before=spy)
    wait_for_diagnosis(page)
    assert page.evaluate("tracks.length") == 0
    page.get_by_role("button", name="Try the camera").click()
    wait_for_text(page, "#check-camera > p", "^The camera works; it is off again.$")
    assert page.evaluate("tracks.map((track) => track.readyState)") == ["ended"]
    page.evaluate("""() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    }""")
    page.click("#try-camera")
    wait_for_text(page, "#check-camera > p", "^The camera is blocked")
    wait_for_text(page, "#outcome", "^1 thing to change$")


def test_a_report_is_copied_without_query_and_address(serve, open_page):
    server = serve()
    page = open_page(f"{server.url}/doctor?lang=en&key=secret", permissions=CLIPBOARD)
    wait_for_diagnosis(page)
    page.click("#report")
    wait_for(lambda: page.evaluate("navigator.clipboard.readText()") != "", "the report")
    report = page.evaluate("navigator.clipboard.readText()")
    assert f"{server.url}/doctor\n" in report and "secret" not in report and "127.0.0.1" not in report
    assert report.count("[Fine] ") == len(EVERY_CHECK)
    wait_for_text(page, "#toast", "no keys")


def test_the_other_pages_lead_to_the_check(serve, open_page):
    server = serve()
    page = open_page(server.url)
    page.get_by_role("link", name="Check the connection").click()
    page.wait_for_url(f"{server.url}/doctor")
    for path in ("/watch/door", "/camera"):
        page.goto(server.url + path)
        page.keyboard.press("Shift+Slash")
        page.locator("dialog.help a").click()
        page.wait_for_url(f"{server.url}/doctor")
    page.keyboard.press("Shift+Slash")
    assert page.locator("dialog.help a").count() == 0


def test_a_lost_server_offers_the_check(serve, feed, open_page):
    server = serve()
    feed(server, "door")
    page = open_page(f"{server.url}/watch/door", quiet=False)
    wait_for_text(page, "#chip", "^Live")
    server.stop()
    page.wait_for_selector("[data-phase=reconnecting]")
    link = page.locator(".note .actions a")
    assert link.inner_text() == "Check the connection"
    assert link.get_attribute("href") == f"{server.url}/doctor"


def test_without_javascript_the_command_is_named(serve, open_page):
    server = serve()
    page = open_page(f"{server.url}/doctor", java_script_enabled=False)
    assert "evrelay doctor URL" in page.inner_text(".plain")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(("size", "viewport"), [("phone", PHONE), ("desktop", DESKTOP)], ids=["phone", "desktop"])
def test_the_check_fits_its_screen(serve, nginx, open_page, size, viewport, language, theme):
    server = serve()
    options = {"size": viewport, "color_scheme": theme, "quiet": False}
    proxy = nginx(server.port, NGINX_PLAIN, host=PUBLIC_NAME)
    for name, root in (("fine", f"{server.url}/"), ("problems", proxy.url)):
        page = open_page(f"{root}doctor?lang={language}", **options)
        assert_fits(page)
        wait_for_diagnosis(page)
        assert page.evaluate("document.documentElement.lang") == language
        assert_fits(page)
        screenshot(page, f"doctor-{name}-{size}-{language}-{theme}", whole=True)
