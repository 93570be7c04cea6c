# SPDX-License-Identifier: MIT
"""A page on a name of an attacker's that suddenly means this machine's address (DNS rebinding) gets nothing."""

import socket
import subprocess

import pytest

import pictures
import proxies
from conftest import running_relay
from credentials import bearer, new_key, write_keys
from relay import Relay

EVIL = "rebound.attacker.example"
OPEN = ["/snapshot", "/stream?frames=1", "/cameras", "/cameras/default", "/metrics", "/?action=snapshot"]


def get(relay: Relay, target: str, host: str, *fields: str, **options):
    return relay.get(target, *fields, host=host, **options)


def unknown(answer):
    assert (answer.status, answer.json()["reason"]) == (421, "unknown-host"), answer
    assert "--allow-host" in answer.json()["message"], answer


@pytest.fixture
def relay(relay):
    assert relay.upload(pictures.numbered(1)).status == 200
    return relay


@pytest.mark.parametrize("target", OPEN)
def test_what_takes_no_key_here_is_not_given_to_another_name(relay, target):
    unknown(get(relay, target, EVIL))
    unknown(get(relay, target, f"{EVIL}:{relay.port}"))
    assert get(relay, target, f"localhost:{relay.port}").status == 200


def test_nobody_publishes_under_another_name(relay):
    unknown(relay.upload(pictures.numbered(2), host=EVIL))
    assert relay.camera()["sequence"] and relay.get("/snapshot").body == pictures.numbered(1)


@pytest.mark.parametrize("host", [
    "localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:30333", "[::1]", "[::1]:30333", "192.168.1.9", "203.0.113.5",
    "relay",
    "cam.localhost", "cam.local", "cam.lan", "cam.home.arpa", "cam.internal", "cam.localdomain", socket.gethostname(),
    "cam.local."])
def test_names_that_no_stranger_can_own_are_fine(relay, host):
    assert get(relay, "/snapshot", host).status == 200


@pytest.mark.parametrize("host", [
    EVIL, "local", "xlocal.example", "local.example", "127.0.0.1.attacker.example", "localhost.attacker.example",
    "cam.local.attacker.example"])
def test_names_that_only_look_like_it_are_not(relay, host):
    # A single word is no name that a stranger can own.
    answer = get(relay, "/snapshot", host)
    assert answer.status == (200 if host == "local" else 421), answer


def test_names_that_the_settings_know_are_fine(start_relay, authority, tmp_path):
    pairs = [authority.pair("camera.example.test", "*.wild.example.test")]
    relay = start_relay("--allow-host", "cam.example.org", "--public-url", "https://public.example.net/cam",
                        pairs=pairs)
    relay.upload(pictures.numbered(1))
    for host in ("cam.example.org", "CAM.example.org:8080", "public.example.net", "camera.example.test",
                 "yard.wild.example.test"):
        assert get(relay, "/snapshot", host).status == 200, host
    for host in (EVIL, "x.cam.example.org", "example.org", "a.b.wild.example.test"):
        unknown(get(relay, "/snapshot", host))


def test_a_good_key_proves_more_than_a_name(start_relay, tmp_path):
    key = new_key()
    keys = write_keys(tmp_path / "keys", f"{key} publish,view *")
    relay = start_relay("--private", "--keys", str(keys))
    assert relay.upload(pictures.numbered(1), "", bearer(key), host=EVIL).status == 200
    assert get(relay, "/snapshot", EVIL, bearer(key)).status == 200
    assert get(relay, "/snapshot", EVIL).status == 401


def test_a_trusted_proxy_may_have_any_name(start_relay):
    relay = start_relay("--trusted-proxy", "127.0.0.1", "--open-publishing")
    field = "X-Forwarded-For: 203.0.113.7"
    assert relay.upload(pictures.numbered(1), "", field, host="camera.example.org").status == 200
    assert get(relay, "/snapshot", "camera.example.org", field).status == 200


def test_clients_of_the_internet_may_use_any_name():
    """Nobody's browser can be led there by a name of an attacker's that it could not reach anyway."""
    with proxies.own_network():
        subprocess.run(["ip", "address", "add", "203.0.113.7/32", "dev", "lo"], check=True, timeout=10)
        subprocess.run(["ip", "address", "add", "192.168.77.1/32", "dev", "lo"], check=True, timeout=10)
        with running_relay(listen="") as relay:
            relay.upload(pictures.numbered(1))
            assert get(relay, "/snapshot", EVIL, source="203.0.113.7").status == 200
            unknown(get(relay, "/snapshot", EVIL, source="192.168.77.1"))
            unknown(get(relay, "/snapshot", EVIL))
