# SPDX-License-Identifier: MIT
"""What a relay behind nginx and Caddy makes of addresses, and what it shows in a folder of another site."""

import contextlib
import re
import ssl
import urllib.parse

import pytest

import pictures
import proxies
from proxies import CLIENT, OWN_HOST, SHARED_HOST
from viewer import Stream
from waiting import wait_until
from wire import Wire


@pytest.fixture(scope="module", params=proxies.STARTS)
def front(request, tmp_path_factory):
    """A relay for everybody, behind a proxy that it trusts."""
    with proxies.in_front(request.param, tmp_path_factory.mktemp(request.param), "--open-publishing",
                          "--trusted-proxy", "127.0.0.1", "--repeat-after", "1m") as front:
        yield front


def test_the_relay_believes_a_trusted_proxy(front):
    info = front.get("/doctor/info").json()
    assert (info["client"], info["peer"], info["trusted"], info["forwarded"]) == (CLIENT, "127.0.0.1", True, True)
    assert (info["scheme"], info["host"]) == ("http", OWN_HOST)
    front.get("/cameras/nobody")
    front.get("/")
    assert f"client={CLIENT}" in front.relay.wait_for_line(r" request .*path=/ ")


def encrypted(front) -> Wire | None:
    """A connection with TLS, or none while Caddy still makes its certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    wire = front.connect()
    try:
        wire.socket = context.wrap_socket(wire.socket, server_hostname=OWN_HOST)
    except ssl.SSLError:
        wire.close()
        return None
    return wire


@pytest.mark.parametrize("kind", proxies.STARTS)
def test_over_https_the_scheme_is_known_and_pictures_pass(kind, tmp_path):
    with proxies.in_front(kind, tmp_path, "--trusted-proxy", "127.0.0.1", tls=True) as front:
        front.relay.upload(pictures.numbered(1))
        with wait_until(lambda: encrypted(front), 20, "a certificate of its own") as wire:
            wire.request("GET", "/doctor/info")
            info = wire.response().json()
            assert (info["scheme"], info["client"], info["host"]) == ("https", CLIENT, OWN_HOST)
            assert Stream(wire).frame() == pictures.numbered(1)


@pytest.mark.parametrize("said", ["198.51.100.7", "127.0.0.1", "198.51.100.7, 127.0.0.1"])
def test_what_a_client_itself_says_about_its_address_does_not_count(front, said):
    assert front.get("/doctor/info", f"X-Forwarded-For: {said}").json()["client"] == CLIENT


def test_what_an_untrusted_peer_says_does_not_count(front):
    with front.relay.connect(source="127.0.0.3") as wire:
        wire.request("GET", "/doctor/info", "X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: https")
        info = wire.response().json()
    assert (info["client"], info["trusted"], info["scheme"]) == ("127.0.0.3", False, "http")


@pytest.fixture(scope="module", params=proxies.STARTS)
def careful_front(request, tmp_path_factory):
    """A relay with its defaults: it trusts no proxy, and lets only programs of its own computer send."""
    with proxies.in_front(request.param, tmp_path_factory.mktemp(request.param)) as front:
        yield front


def test_without_trust_the_client_is_the_proxy(careful_front):
    info = careful_front.get("/doctor/info").json()
    assert (info["client"], info["trusted"], info["forwarded"]) == ("127.0.0.1", False, True)


def test_a_proxy_on_the_same_computer_lets_nobody_send(careful_front):
    with careful_front.connect() as wire:
        wire.upload(pictures.numbered(1))
        answer = wire.response("POST")
    assert answer.status == 403 and answer.json()["reason"] == "publishing-not-allowed", answer
    assert careful_front.get("/doctor/info").json()["publishing"] is False


@pytest.mark.parametrize(("flags", "statuses"), [
    (["--trusted-proxy", "127.0.0.1"], [200, 200, 429, 200]),
    (["--allow-host", proxies.OWN_HOST], [200, 200, 429, 429])],
    ids=["trusted", "not trusted"])
@pytest.mark.parametrize("kind", proxies.STARTS)
def test_viewers_behind_a_trusted_proxy_are_counted_by_their_own_address(kind, flags, statuses, tmp_path):
    # A proxy that is not trusted is a client of this network, and those are asked by which name they come.
    with proxies.in_front(kind, tmp_path, "--max-connections-per-address", "2", "--allow-host", OWN_HOST, *flags) as front:
        with contextlib.ExitStack() as stack:
            found = []
            for source in [CLIENT, CLIENT, CLIENT, "127.0.0.3"]:
                wire = stack.enter_context(front.connect(source=source))
                wire.request("GET", "/stream")
                found.append(wire.head().status)
    assert found == statuses


def links(text: str, kind: str) -> list[str]:
    """What a page, a script or a style loads or leads to."""
    if kind == "text/html":
        return re.findall(r"""(?:href|src)=["']([^"'#]+)""", text)
    if kind == "text/javascript":
        return re.findall(r"""\b(?:from|import)\s*\(?["']([^"']+)["']""", text)
    return re.findall(r"""url\(["']?([^"')#]+)""", text) if kind == "text/css" else []


def test_every_page_and_what_it_loads_is_found_below_a_folder(front):
    front.relay.upload(pictures.numbered(1))
    waiting, seen = ["/cam/", "/cam/camera", "/cam/watch/default", "/cam/doctor"], {}
    while waiting:
        target = waiting.pop()
        if target in seen:
            continue
        assert target.startswith("/cam/"), f"{target} leads out of the folder; it comes from {seen}"
        # A stream has no end; its head is enough.
        answer = front.get(target, host=SHARED_HOST, method="HEAD" if target.endswith("/stream") else "GET")
        seen[target] = answer.status
        assert answer.status == 200, (target, answer)
        kind = answer.headers["content-type"].partition(";")[0]
        for link in links(answer.body.decode(errors="replace"), kind):
            if "://" not in link and not link.startswith(("data:", "blob:", "about:")):
                waiting.append(urllib.parse.urljoin(target, link).partition("?")[0])
    assert len(seen) > 20 and "/cam/camera" in seen, seen


@pytest.mark.parametrize(("target", "leads_to"), [("/cam/watch", "/cam/watch/default"), ("/cam", "/cam/")])
def test_redirects_stay_in_the_folder(front, target, leads_to):
    answer = front.get(target, host=SHARED_HOST)
    assert answer.status in (301, 308), answer
    place = urllib.parse.urlsplit(urllib.parse.urljoin(f"http://{SHARED_HOST}{target}", answer.headers["location"]))
    assert (place.hostname, place.path) == (SHARED_HOST, leads_to), answer


def test_pictures_and_streams_are_found_below_a_folder(front):
    front.relay.upload(pictures.numbered(7), "inside")
    assert front.get("/cam/snapshot/inside", host=SHARED_HOST).body == pictures.numbered(7)
    with front.connect(SHARED_HOST) as wire:
        assert Stream(wire, "/cam/stream/inside").frame() == pictures.numbered(7)
