# SPDX-License-Identifier: MIT
"""The pages over TLS with a self-signed pair, and the relay's pictures and pages on another site."""

import pytest
from conftest import PUBLIC_NAME, wait_for, wait_for_diagnosis, wait_for_motion, wait_for_text
from keys import Keys, Witness, token
from sites import Site, make_pair

CANVAS = """async ([url, cors]) => {
    const picture = new Image();
    if (cors) picture.crossOrigin = 'anonymous';
    const loaded = new Promise((done) => {
        picture.onload = () => done('loaded');
        picture.onerror = () => done('refused');
    });
    picture.src = url;
    if (await loaded === 'refused') return 'refused';
    const canvas = document.createElement('canvas');
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    canvas.getContext('2d').drawImage(picture, 0, 0);
    try {
        return canvas.toDataURL('image/png').slice(0, 21);
    } catch (error) {
        return error.name;
    }
}"""


@pytest.fixture
def secure(serve, tmp_path):
    """A function that starts a server with TLS beside its plain port."""
    pair = make_pair(tmp_path)
    return lambda *flags: serve(*pair, *flags)


@pytest.fixture
def site():
    one = Site()
    yield one
    one.stop()


def public(server):
    """The server's address under a name that is secure by its certificate alone."""
    return server.tls_url.replace("localhost", PUBLIC_NAME)


def test_a_camera_goes_from_page_to_page_over_tls(secure, open_page):
    root = public(secure())
    camera = open_page(f"{root}/camera?camera=phone")
    assert camera.evaluate("isSecureContext")
    camera.click("#start")
    wait_for_text(camera, "#chip", "^On air")
    for path, picture in (("/watch/phone", "#stage img"), ("/", "#single-stage img")):
        wait_for_motion(open_page(root + path), picture)
    wait_for_text(camera, "#chip", "[1-9] viewers?")


def test_the_connection_check_is_fine_over_tls_with_its_websocket(secure, open_page):
    server = secure()
    root = public(server)
    page = open_page()
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(f"{root}/doctor")
    states = wait_for_diagnosis(page)
    # Requests from this very machine under a public name look like those of a proxy that names nobody: through it
    # anybody may send.
    assert {check: state for check, state in states.items() if state != "fine"} == {"proxy": "problem"}
    assert sockets == [f"{root}/doctor/socket".replace("https", "wss", 1)]


def test_a_plain_page_leads_to_the_tls_address_and_takes_the_key_along(secure, open_page):
    server = secure()
    page = open_page()
    page.goto(f"http://{PUBLIC_NAME}:{server.port}/camera?camera=phone#key=some-key-of-24-letters-x")
    wait_for_text(page, "#sentence", "^Camera needs HTTPS")
    link = page.get_by_role("link", name="Open over https://")
    target = f"{public(server)}/camera?camera=phone"
    wait_for(lambda: link.get_attribute("href") == target, f"a link to {target}")
    link.click()
    page.wait_for_url(target)
    assert page.evaluate("sessionStorage.getItem('evrelay.key')") == "some-key-of-24-letters-x"
    wait_for_text(page, "#sentence", "^Ready to send$")


@pytest.mark.parametrize("path", ["snapshot/door.jpg", "stream/door"])
def test_a_picture_is_shown_on_every_site_and_read_on_allowed_ones(secure, feed, site, open_page, path):
    closed, allowing = secure(), secure("--allow-origin", site.url)
    for server in (closed, allowing):
        feed(server, "door")
        wait_for(lambda: server.camera("door"), "the camera door")
    page = open_page(site.page("<p>Elsewhere</p>"), quiet=False)
    assert page.evaluate(CANVAS, [f"{allowing.tls_url}/{path}", True]) == "data:image/png;base64"
    assert page.evaluate(CANVAS, [f"{closed.tls_url}/{path}", True]) == "refused"
    for server in (closed, allowing):
        assert page.evaluate(CANVAS, [f"{server.tls_url}/{path}", False]) == "SecurityError"


def test_a_private_picture_is_shown_on_every_site_with_its_key_and_read_on_allowed_ones(
        secure, tmp_path, feed, site, open_page):
    keys = Keys(tmp_path)
    link = token("view", "door")
    flags = ("--private", *keys.flags)
    closed, allowing = secure(*flags), secure(*flags, "--allow-origin", site.url)
    for server in (closed, allowing):
        # Without a key that publishes, this machine may.
        feed(server, "door")
    page = open_page(site.page("<p>Elsewhere</p>"), quiet=False)
    witness = Witness(page)
    for path in ("snapshot/door.jpg", "stream/door"):
        wait_for(lambda: page.evaluate(CANVAS, [f"{allowing.tls_url}/{path}?key={link}", True])
                 == "data:image/png;base64", f"the picture of {path}")
        assert page.evaluate(CANVAS, [f"{allowing.tls_url}/{path}", True]) == "refused"
        assert page.evaluate(CANVAS, [f"{closed.tls_url}/{path}?key={link}", False]) == "SecurityError"
        assert page.evaluate(CANVAS, [f"{closed.tls_url}/{path}?key={link}", True]) == "refused"
    script = """([url, key]) => fetch(url, {headers: {Authorization: `Bearer ${key}`, 'X-Requested-With': 'Site'}})
        .then((answer) => answer.status, () => 'refused')"""
    assert page.evaluate(script, [f"{allowing.tls_url}/snapshot/door.jpg", link]) == 200
    assert page.evaluate(script, [f"{closed.tls_url}/snapshot/door.jpg", link]) == "refused"
    assert not any(link in request.all_headers().get("referer", "") for request in witness.requests)


@pytest.mark.parametrize(("flags", "is_shown"), [
    ([], False), (["--frame-ancestors", "none"], False), (["--frame-ancestors", "https://elsewhere.example"], False),
    (["--frame-ancestors", "SITE"], True), (["--frame-ancestors", "*"], True),
])
def test_the_pages_are_embedded_only_where_they_may_be(secure, feed, site, open_page, flags, is_shown):
    server = secure(*(site.url if flag == "SITE" else flag for flag in flags))
    feed(server, "door")
    page = open_page(quiet=False, is_csp_breach_meant=not is_shown)
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(site.page(f"<iframe src='{server.tls_url}/watch/door' width=640 height=360></iframe>"))
    if is_shown:
        page.frame_locator("iframe").locator("[data-phase=live]").wait_for()
    else:
        # Events reach the test while it asks the page something.
        wait_for(lambda: page.evaluate("0") == 0 and any("frame-ancestors" in text for text in said), "a refused frame")
        assert page.frame_locator("iframe").locator("#stage").count() == 0


def test_the_pages_are_embedded_in_the_relays_own(secure, feed, open_page):
    server = secure()
    feed(server, "door")
    page = open_page(server.tls_url)
    page.evaluate("""() => {
        const frame = document.createElement('iframe');
        frame.src = 'watch/door';
        document.body.append(frame);
    }""")
    page.frame_locator("iframe").locator("[data-phase=live]").wait_for()
