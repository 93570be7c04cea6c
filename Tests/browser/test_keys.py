# SPDX-License-Identifier: MIT
"""Keys and signed links on the pages: taken from the address, kept in the tab, shown nowhere, asked for calmly."""

import signal
import urllib.request

import pytest
from conftest import screenshot, wait_for, wait_for_motion, wait_for_text
from keys import Keys, Witness, token
from test_looks import assert_fits

PICTURE = "#stage img"
NOTE = ".note:not([hidden]) p > span"


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path)


class KeyedFeed:
    """What feeds a camera of a server that wants a key."""

    def __init__(self, server, key):
        self.server, self.key = server, key

    def upload(self, name, frame):
        headers = {"Content-Type": "image/jpeg", "Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(f"{self.server.url}/upload/{name}", data=frame, headers=headers)
        urllib.request.urlopen(request, timeout=5).close()


@pytest.fixture
def private(serve, keys, feed):
    """A function that starts a private server with these cameras sending."""

    def start(*cameras, flags=()):
        publisher = KeyedFeed(None, keys.add("publish"))
        publisher.server = serve("--private", *keys.flags, *flags)
        for camera in cameras:
            feed(publisher, camera)
        return publisher.server

    return start


def paste(page, text):
    page.fill(".key-form input", text)
    page.click(".key-form button")


def test_a_signed_link_opens_one_camera_and_is_seen_nowhere(private, open_page):
    server = private("door", "yard")
    link = token("view", "door")
    page = open_page()
    witness = Witness(page)
    page.goto(f"{server.url}/watch/door?lang=en#key={link}")
    wait_for_motion(page, PICTURE)
    wait_for_text(page, "#chip", "^Live")
    assert page.url == f"{server.url}/watch/door?lang=en"
    assert page.evaluate("[sessionStorage.getItem('evrelay.key'), localStorage.length]") == [link, 0]
    # The wall of the same tab has that camera alone, without a key in the link to it.
    page.click("a[data-t-label='watch.wall']")
    page.wait_for_url(f"{server.url}/")
    wait_for_motion(page, "#single-stage img")
    page.click("#single-link")
    page.wait_for_url(f"{server.url}/watch/door")
    wait_for_motion(page, PICTURE)
    page.reload()
    wait_for_motion(page, PICTURE)
    witness.assert_silent(link)
    assert not any(link in line for line in server.lines)


def test_a_key_in_the_query_is_moved_out_of_the_address(private, keys, open_page):
    key = keys.add("view")
    server = private("door")
    page = open_page()
    witness = Witness(page)
    page.goto(f"{server.url}/watch/door?key={key}&lang=en")
    wait_for_motion(page, PICTURE)
    assert page.url == f"{server.url}/watch/door?lang=en"
    # A stream that is opened by itself is the watch page, and the key comes along.
    page.goto(f"{server.url}/stream/door?key={key}")
    wait_for_motion(page, PICTURE)
    assert page.url == f"{server.url}/watch/door"
    witness.assert_silent(key)


def test_another_tab_needs_a_key_of_its_own_and_takes_a_whole_link(private, open_page):
    server = private("door")
    link = f"{server.url}/watch/door#key={token('view', 'door')}"
    for path, words in (("/watch/door", "^This camera needs a key$"), ("/", "^These cameras need a key$")):
        page = open_page(quiet=False)
        witness = Witness(page)
        page.goto(server.url + path)
        wait_for_text(page, f"{NOTE}, #access:not([hidden]) h2", words)
        paste(page, "no key at all")
        wait_for_text(page, ".key-hint", "^There is no key in that")
        paste(page, f"  {link}\n")
        wait_for_motion(page, f"{PICTURE}, #single-stage img")
        assert page.url == server.url + path
        witness.assert_silent(link.split("=")[1])
        assert witness.denied


def test_no_picture_is_asked_for_before_the_list_is_answered(private, open_page):
    """Over an image that is denied, the browser would ask for a password."""
    server = private("door")
    page = open_page(quiet=False)
    witness, held = Witness(page), []
    page.route("**/cameras", lambda route: held.append(route))
    page.goto(f"{server.url}/watch/door")
    wait_for(lambda: page.evaluate("document.readyState") == "complete" and held, "the question for the list")
    held[0].continue_()
    wait_for_text(page, NOTE, "^This camera needs a key$")
    assert not any("/stream/" in request.url for request in witness.requests)


def test_a_wrong_key_is_asked_about_once(private, open_page):
    """Every time counts: a page that tried again by itself would have its address refused."""
    server = private("door")
    for path in ("/watch/door", "/"):
        page = open_page(quiet=False)
        page.clock.install()
        witness = Witness(page)
        page.goto(f"{server.url}{path}#key=wrong-key-of-24-letters-")
        wait_for_text(page, f"{NOTE}, #access:not([hidden]) h2", "^This key is not right$")
        assert len(witness.denied) == 1
        for _ in range(20):
            page.evaluate("dispatchEvent(new Event('online')), document.dispatchEvent(new Event('visibilitychange'))")
            page.clock.run_for("01:00")
        assert len(witness.denied) == 1
        page.close()


def test_a_stream_whose_link_ends_says_so_and_goes_on_with_a_new_one(private, open_page):
    server = private("door")
    page = open_page(quiet=False)
    witness = Witness(page)
    page.goto(f"{server.url}/watch/door#key={token('view', 'door', seconds=4)}")
    wait_for_motion(page, PICTURE)
    wait_for_text(page, NOTE, "^This link has ended$")
    page.clock.install()
    page.clock.run_for("10:00")
    assert len(witness.denied) <= 2
    # A new link on the same page takes effect where it is.
    page.evaluate("link => { location.hash = `key=${link}`; }", token("view", "door"))
    wait_for_motion(page, PICTURE)
    assert page.url.rstrip("#") == f"{server.url}/watch/door"


@pytest.mark.parametrize(("link", "words"), [
    (lambda: token("view", "door", seconds=-60), "This link has ended"),
    (lambda: token("view", "door", start=3000), "This link is not valid yet"),
    (lambda: token("view", "door", secret="another secret that is as long as the first"), "This link is not valid"),
    (lambda: token("view", "yard"), "Your key does not open camera “door”"),
    (lambda: token("publish", "door"), "Your key does not open camera “door”|Your key does not open the list"),
], ids=["ended", "early", "forged", "another-camera", "another-right"])
def test_a_link_that_does_not_open_says_why(private, open_page, link, words):
    server = private("door")
    page = open_page(quiet=False)
    witness = Witness(page)
    page.goto(f"{server.url}/watch/door#key={link()}")
    wait_for_text(page, NOTE, f"^({words})")
    assert page.locator(".key-form").is_visible()
    assert not any("Basic" in (one.header_value("www-authenticate") or "") for one in witness.denied)


def test_too_many_wrong_keys_are_told_with_the_time_to_wait(private, open_page):
    server = private("door", flags=("--max-key-failures", "2", "--key-failure-time", "5m"))
    page = open_page(f"{server.url}/watch/door", quiet=False)
    for attempt in range(2):
        wait_for_text(page, NOTE, "^This camera needs a key$" if attempt == 0 else "^This key is not right$")
        paste(page, f"wrong-key-of-24-letters{attempt}")
    wait_for_text(page, NOTE, "^This key is not right$")
    paste(page, "wrong-key-of-24-letters3")
    wait_for_text(page, NOTE, "^Too many wrong keys from your network$")
    wait_for_text(page, ".note small", "Try again in [1-5] min\\.$")
    assert page.locator(".key-form").is_hidden()
    assert page.get_by_role("button", name="Try again").is_visible()


def test_the_wall_shows_what_a_key_may_see(private, keys, open_page):
    some, observer = keys.add("view", "door,yard"), keys.add("observe")
    server = private("door", "yard", "safe")
    page = open_page(f"{server.url}/#key={some}")
    wait_for_motion(page, ".tile[href$='/watch/yard'] canvas")
    assert page.locator(".tile").count() == 2
    # Who may observe sees that there are cameras, not what they show.
    page = open_page(quiet=False)
    witness = Witness(page)
    page.goto(f"{server.url}/#key={observer}")
    page.wait_for_function("() => document.querySelectorAll('.tile[data-phase=locked]').length === 3")
    wait_for_text(page, ".tile .chip", "^No access$")
    page.clock.install()
    page.clock.run_for("00:30")
    assert len(witness.denied) == 3
    assert_fits(page)
    screenshot(page, "wall-observed")
    page.click(".tile")
    wait_for_text(page, NOTE, "^Your key does not open camera")


def test_a_wall_that_a_key_leaves_empty_says_so(private, open_page):
    server = private("door")
    page = open_page(f"{server.url}/#key={token('view', 'attic')}")
    wait_for_text(page, "#empty:not([hidden]) p", "^Your key opens no camera that is there now")
    # The line to copy has a place for a key, and not this one's.
    assert page.inner_text("#ffmpeg").strip().endswith(f"'{server.url}/upload?key=KEY'")


def test_a_key_that_is_taken_back_ends_what_it_opened(private, keys, open_page):
    key = keys.add("view")
    server = private("door")
    page = open_page(f"{server.url}/watch/door#key={key}", quiet=False)
    wait_for_motion(page, PICTURE)
    keys.remove(key)
    server.process.send_signal(signal.SIGHUP)
    wait_for_text(page, NOTE, "^This key is not right$")
