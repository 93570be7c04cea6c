# SPDX-License-Identifier: MIT
"""`evrelay --tls-self-signed`: its files, what a terminal is shown and what nobody else is, by a reader of QR codes."""

import os
import pathlib
import re
import subprocess
import urllib.parse

import jwt
import pytest

import qr
from relay import Relay, run_binary
from self_signed import (  # noqa: F401 (fixtures)
    CERTIFICATE, KEY, SECRET, certificate, fingerprint, mode, openssl, state, surroundings)
from terminal import TerminalRelay
from waiting import wait_until

TLS_FLAGS = ("--tls-self-signed", "--tls-listen", "127.0.0.1:0")


@pytest.fixture
def start(start_relay, surroundings):
    """Starts a self-signed relay; its state is the test's own."""
    def start(*flags: str, **options) -> Relay:
        return start_relay(*TLS_FLAGS, *flags, extra=surroundings, **options)
    return start


def curl(relay: Relay, state: pathlib.Path, path: str, *arguments: str) -> subprocess.CompletedProcess:
    port = re.search(r"url=https://127\.0\.0\.1:(\d+)", relay.wait_for_line(r"listening .*url=https://")).group(1)
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "20", "--cacert", str(state / CERTIFICATE), *arguments,
         f"https://localhost:{port}{path}"], capture_output=True, text=True, timeout=30)


def test_it_serves_with_a_pair_of_its_own_and_keeps_it(start, state):
    first = start()
    done = curl(first, state, "/healthz")
    assert done.returncode == 0 and '"status":"ok"' in done.stdout, done
    made = {entry.name: entry.read_bytes() for entry in state.iterdir()}
    assert sorted(made) == [CERTIFICATE, KEY, SECRET]
    assert (mode(state / SECRET), mode(state / KEY)) == (0o600, 0o600)
    line = first.wait_for_line(r"notice certificate expires=\S+ fingerprint=\S+ names=\S*localhost")
    assert fingerprint(state / CERTIFICATE) in line
    first.stop()
    second = start()
    assert curl(second, state, "/healthz").returncode == 0
    assert {entry.name: entry.read_bytes() for entry in state.iterdir()} == made
    assert not second.log_lines("certificate made")


def test_a_reload_keeps_the_pair_and_takes_over_a_new_one(start, state, certificate):
    relay = start()
    relay.signal(1)
    relay.wait_for_line(r"\breloaded\b")
    assert curl(relay, state, "/healthz").returncode == 0
    assert certificate("--renew").returncode == 0
    relay.signal(1)
    relay.wait_for_line(r"\breloaded\b", 2)
    assert curl(relay, state, "/healthz").returncode == 0
    assert fingerprint(state / CERTIFICATE) in relay.log_lines("notice certificate ")[-1]


@pytest.mark.parametrize("spoil", ["missing", "damaged", "foreign", "open"])
def test_a_pair_that_cannot_be_used_ends_the_start_with_78(certificate, state, surroundings, spoil):
    certificate()
    key = state / KEY
    if spoil == "missing":
        key.unlink()
    elif spoil == "damaged":
        key.write_text("damaged")
    elif spoil == "foreign":
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(key))
    else:
        key.chmod(0o644)
    for flags in (), ("--check",):
        done = run_binary("--listen", "127.0.0.1:0", *TLS_FLAGS, *flags, extra=surroundings)
        assert done.returncode == 78 and str(key) in done.stderr, done
    assert "evrelay certificate --renew" in run_binary(*TLS_FLAGS, extra=surroundings).stderr


def test_a_check_makes_nothing(state, surroundings):
    done = run_binary(*TLS_FLAGS, "--private", "--check", extra=surroundings)
    assert done.returncode == 0, done
    assert not state.exists()


def test_without_a_folder_it_says_how_to_name_one():
    done = run_binary(*TLS_FLAGS, extra={"HOME": "", "XDG_STATE_HOME": "", "STATE_DIRECTORY": ""})
    assert done.returncode == 78 and "STATE_DIRECTORY" in done.stderr, done


def test_a_file_gets_neither_link_nor_code(start, tmp_path):
    """What a service prints goes to a journal, and what goes there stays there."""
    output = tmp_path / "output"
    relay = start(prefix=("sh", "-euc", 'exec "$@" >"$0"', str(output)))
    relay.stop()
    assert output.read_text() == ""
    assert "#key" not in "\n".join(relay.lines)


def test_a_terminal_gets_the_phones_link_as_text_and_as_a_code(state, surroundings):
    relay = TerminalRelay(*TLS_FLAGS, extra=surroundings)
    try:
        wait_until(lambda: fingerprint(state / CERTIFICATE) in relay.shown, what="the fingerprint on the terminal")
        url = re.search(r"https://\S+", relay.shown).group(0)
        assert re.fullmatch(r"https://127\.0\.0\.1:\d+/camera#key=[A-Za-z0-9_.-]+", url)
        assert qr.decode(relay.shown) == url
        token = urllib.parse.urlsplit(url).fragment.removeprefix("key=")
        read = jwt.decode(token, (state / SECRET).read_text().strip(), algorithms=["HS256"])
        assert (read["rights"], read["cameras"]) == (["publish", "view"], ["*"])
        log = "\n".join(relay.lines)
        assert token not in log and (state / SECRET).read_text().strip() not in log + relay.shown
        assert "#key" not in log and "█" not in log
    finally:
        relay.close()


def test_where_everybody_may_publish_the_link_has_no_token(state, surroundings):
    relay = TerminalRelay(*TLS_FLAGS, "--open-publishing", extra=surroundings)
    try:
        wait_until(lambda: fingerprint(state / CERTIFICATE) in relay.shown, what="the fingerprint on the terminal")
        assert re.search(r"https://127\.0\.0\.1:\d+/camera\r?\n", relay.shown), relay.shown
        assert not (state / SECRET).exists()
    finally:
        relay.close()


def test_the_shown_link_begins_with_the_public_address(state, surroundings):
    relay = TerminalRelay(*TLS_FLAGS, "--public-url", "https://cam.example.org/live", extra=surroundings)
    try:
        wait_until(lambda: fingerprint(state / CERTIFICATE) in relay.shown, what="the fingerprint on the terminal")
        assert qr.decode(relay.shown).startswith("https://cam.example.org/live/camera#key=")
    finally:
        relay.close()


def test_a_server_on_all_addresses_shows_one_that_its_certificate_has(state, surroundings):
    relay = TerminalRelay("--tls-self-signed", "--tls-listen", "[::]:0", extra=surroundings)
    try:
        wait_until(lambda: fingerprint(state / CERTIFICATE) in relay.shown, what="the fingerprint on the terminal")
        host = urllib.parse.urlsplit(qr.decode(relay.shown)).hostname
        assert host in run_binary("certificate", extra=surroundings).stdout
        assert host not in ("::", "127.0.0.1", "::1")
    finally:
        relay.close()


def test_links_of_the_command_are_signed_with_the_secret_that_it_serves_with(start, state, surroundings):
    relay = start("--private")
    done = run_binary("link", "--camera", "door", "--rights", "view", "--for", "1h", "--as", "snapshot",
                      extra=surroundings)
    assert done.returncode == 0, done
    path = done.stdout.strip().split("/snapshot/")[1]
    answer = curl(relay, state, f"/snapshot/{path}", "--write-out", "%{http_code}", "--output", os.devnull)
    assert answer.stdout == "404", answer
    without = curl(relay, state, "/snapshot/door", "--write-out", "%{http_code}", "--output", os.devnull)
    assert without.stdout == "401", without


@pytest.mark.parametrize("camera", ["door", "d" * 64])
def test_a_code_in_a_pipe_says_the_link(tmp_path, camera):
    secret = tmp_path / "secret"
    secret.write_text("s" * 32)
    secret.chmod(0o600)
    done = run_binary("link", "--camera", camera, "--rights", "view", "--for", "24h", "--token-secret", str(secret),
                      "--public-url", "https://cam.example.org", "--qr")
    assert done.returncode == 0 and "\x1b" not in done.stdout, done
    url = done.stdout.split("\n", 1)[0]
    assert qr.decode(done.stdout) == url
