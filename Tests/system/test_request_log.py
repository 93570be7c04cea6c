# SPDX-License-Identifier: MIT
"""Lines about requests, streams and cameras: what they tell, at which level, and what they never tell."""

import re

import pytest

import pictures
from conftest import watched_camera
from viewer import Stream
from waiting import wait_until
from wire import Wire

SECRET = "0123456789abcdef-secret"


def values(line: str) -> dict[str, str]:
    """The values of a line; one with blanks stands between quotes."""
    return {name: value.strip('"') for name, value in re.findall(r'([a-z_.]+)=("[^"]*"|\S*)', line)}


@pytest.mark.parametrize("target", ["/", "/watch/door", "/camera", "/doctor"])
def test_a_page_is_one_line_with_what_was_asked_and_what_it_cost(relay, target):
    body = relay.get(f"{target}?lang=en").body
    line = values(relay.wait_for_line("Z info request "))
    assert line["method"] == "GET" and line["path"] == target and line["status"] == "200", line
    assert int(line["bytes"]) == len(body) and 0 <= int(line["duration.ms"]) < 5000, line
    assert line["peer"].startswith("127.0.0.1"), line
    assert relay.get("/healthz").status == 200
    assert len(relay.log_lines(" request ")) == 1, relay.lines


def test_a_head_request_and_a_redirect_are_lines_too(relay):
    relay.get("/watch", method="HEAD")
    line = values(relay.wait_for_line(" request .*path=/watch"))
    assert line["method"] == "HEAD" and line["status"].startswith("30") and line["bytes"] == "0", line


POLLED = ["/cameras", "/cameras/door", "/healthz", "/readyz", "/metrics", "/doctor/info", "/snapshot/door"]


def test_what_is_polled_and_what_comes_with_each_frame_is_told_at_debug_level_alone(start_relay):
    relay = start_relay("--log-level", "debug")
    relay.upload(pictures.numbered(1), "door")
    for target in POLLED:
        assert relay.get(target).status == 200
    for target in ["/upload/door", *POLLED]:
        line = values(relay.wait_for_line(f" debug request .*path={re.escape(target)} "))
        assert line["status"] == "200", line
    assert not relay.log_lines(" info request ")


@pytest.mark.valgrind
def test_frames_and_polls_make_no_line(relay):
    relay.upload(pictures.numbered(1), "door")
    relay.wait_for_line("camera live")
    before = len(relay.lines)
    for number in range(2, 52):
        assert relay.upload(pictures.numbered(number), "door").status == 200
        assert relay.get(f"/snapshot/door?after={number}&t={number}").status in (200, 204)
        assert relay.get("/cameras").status == 200
    assert relay.lines[before:] == []


def test_pages_asked_for_without_end_do_not_fill_the_log(relay):
    with relay.connect() as wire:
        for _ in range(400):
            wire.request("GET", "/")
            assert wire.response().status == 200
    assert 50 <= len(relay.log_lines(" request ")) < 250
    line = wait_until(lambda: relay.get("/") and relay.log_lines(r" request .*\bmore=\d"), what="a count of the others")
    assert int(values(line[-1])["more"]) > 1


def test_a_camera_s_end_tells_what_it_has_sent(start_relay):
    relay = start_relay("--stale-after", "200ms", "--offline-after", "400ms")
    with relay.connect() as wire:
        for number in range(1, 6):
            wire.upload(pictures.numbered(number), "door")
            assert wire.response("POST").status == 200
            assert wire.is_silent_for(0.05)
    line = values(relay.wait_for_line("info camera offline .*camera.id=door"))
    assert int(line["frames"]) == 5 and int(line["bytes"]) == sum(len(pictures.numbered(n)) for n in range(1, 6))
    assert 150 <= int(line["duration.ms"]) < 5000, line
    relay.upload(pictures.numbered(6), "door")
    line = values(relay.wait_for_line("info camera offline .*camera.id=door", 2))
    assert int(line["frames"]) == 1 and int(line["duration.ms"]) == 0, line


def test_a_viewer_s_end_tells_what_it_got_and_why_it_left(relay):
    relay.upload(pictures.numbered(1), "door")
    with Wire(relay.port) as wire:
        stream = Stream(wire, "/stream/door")
        for number in (1, 2):
            assert pictures.number_of(stream.frame()) == number
            relay.upload(pictures.numbered(number + 1), "door")
    line = values(relay.wait_for_line("viewer left"))
    assert line["camera.id"] == "door" and line["reason"] == "peer" and line["frames.skipped"] == "0", line
    assert int(line["frames.sent"]) in (2, 3) and int(line["duration.ms"]) >= 0, line
    assert int(line["bytes"]) > int(line["frames.sent"]) * len(pictures.numbered(1)), line


def test_a_key_in_an_address_is_in_no_line(start_relay):
    relay = start_relay("--log-level", "debug", "--max-viewers", "1")
    query = f"?key={SECRET}&token={SECRET}"
    with watched_camera(relay):
        for target in ("/", "/watch/door", "/camera", "/cameras", "/stream/door", "/nothing", "/stream/a%00b",
                       "/doctor", "/snapshot", "/snapshot/none", "/doctor/info", "/metrics", "/?action=", "/none.js"):
            separator = "&" if "?" in target else "?"
            relay.get(target + separator + query[1:], f"Referer: http://localhost/{query}", f"Cookie: key={SECRET}",
                      f"Authorization: Bearer {SECRET}")
        for frame in (pictures.numbered(1), b"no picture"):
            relay.upload(frame, f"door{query}")
        with relay.connect() as wire:
            wire.send(f"GET /{query} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".encode())
            wire.rest()
        with relay.connect() as wire:
            wire.send(f"GET /{query} nonsense\r\n\r\n".encode())
            wire.rest()
    relay.stop()
    assert relay.log_lines(" debug request ") and relay.log_lines(" refused ")
    assert not relay.log_lines(SECRET), relay.log_lines(SECRET)


def test_behind_a_trusted_proxy_the_client_is_named_beside_the_peer(start_relay):
    relay = start_relay("--trusted-proxy", "127.0.0.1")
    relay.get("/", "X-Forwarded-For: 198.51.100.7, 203.0.113.5")
    line = values(relay.wait_for_line(" request "))
    assert line["client"] == "203.0.113.5" and line["peer"].startswith("127.0.0.1"), line


def test_nobody_else_can_name_a_client(relay):
    relay.get("/", "X-Forwarded-For: 203.0.113.5")
    line = relay.wait_for_line(" request ")
    assert "203.0.113.5" not in line and "client" not in values(line), line


def test_refusals_are_one_line_in_ten_seconds_and_for_each_reason(relay):
    for _ in range(30):
        assert relay.get("/nothing").status == 404
        assert relay.upload(b"no picture").status == 422
    reasons = [values(line)["reason"] for line in relay.log_lines(" refused ")]
    # Each loop keeps its own count, and there are as many loops as cores.
    assert len(set(reasons)) == 2 and len(reasons) <= 2 * loops(relay), reasons


def loops(relay) -> int:
    return int(values(relay.log_lines(" starting ")[0])["threads"])
