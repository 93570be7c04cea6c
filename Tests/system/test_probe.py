# SPDX-License-Identifier: MIT
"""`evrelay probe`: exit status and words, against relays and against whoever else may listen on the port."""

import contextlib
import socket
import ssl
import threading
import time

import pytest

from relay import run_binary
from settings import BINARY, PATIENCE, WRAPPER

# The program's own limit for everything together.
SECONDS = 3
GOOD = b'{"status":"ok","server":"6f33b95ed5671369","version":"1.2.3"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def probe(*arguments: str, **extra: str):
    return run_binary("probe", *arguments, extra=extra)


@contextlib.contextmanager
def server(speak, context: ssl.SSLContext | None = None):
    """Listens on a port of its own, and lets `speak` have each connection in turn."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                    connection.settimeout(20)
                    if context:
                        connection = context.wrap_socket(connection, server_side=True)
                    with connection:
                        speak(connection)
                except OSError:
                    if listener.fileno() < 0:
                        return
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http{'s' if context else ''}://127.0.0.1:{listener.getsockname()[1]}/"
        # Wakes accept, which close alone does not.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(20)


def saying(answer: bytes, *, stays: bool = False):
    """Answers a request so, and ends the connection, or waits until the client does."""
    def speak(connection):
        connection.recv(4096)
        connection.sendall(answer)
        if stays:
            connection.recv(1)
    return speak


def repeating(piece: bytes, pause: float = 0, first: bytes = b""):
    """Answers a request with `first` and then with `piece` for as long as the client listens."""
    def speak(connection):
        connection.recv(4096)
        connection.sendall(first)
        tick = threading.Event()
        while True:
            connection.sendall(piece)
            if pause:
                tick.wait(pause)
    return speak


# --- relays

def test_a_relay_is_healthy_and_the_line_goes_to_standard_output(relay):
    done = probe(relay.url)
    assert done.returncode == 0 and done.stderr == "", done
    assert done.stdout == f"healthy: {relay.url}/ is EvRelay {relay.get('/healthz').json()['version']}\n"


def test_the_relay_of_the_same_settings_is_found(start_relay, tmp_path):
    """By a flag, by a variable and by a file, as the relay itself reads them."""
    relay = start_relay()
    listen = f"127.0.0.1:{relay.port}"
    file = tmp_path / "evrelay.conf"
    file.write_text(f"EVRELAY_LISTEN={listen}\n")
    for done in (probe("--listen", listen), probe(EVRELAY_LISTEN=listen), probe("--config", str(file)),
                 probe(EVRELAY_CONFIG=str(file)), probe(EVRELAY_LISTEN=f"[::]:{relay.port}")):
        assert done.returncode == 0 and done.stdout.startswith(f"healthy: http://{listen}/ is EvRelay "), done


def test_a_relay_on_a_unix_socket_is_found(start_relay, tmp_path):
    path = tmp_path / "relay.sock"
    start_relay(listen=f"unix:{path}")
    done = probe(EVRELAY_LISTEN=f"unix:{path}")
    assert done.returncode == 0 and done.stdout.startswith(f"healthy: unix:{path} is EvRelay "), done


def test_a_relay_with_a_certificate_for_another_name_is_healthy(start_relay, authority):
    """As it is on its own machine: the certificate has the name that clients know."""
    relay = start_relay(pairs=[authority.pair("cam.example.org")])
    done = probe(f"https://127.0.0.1:{int(relay.tls_port)}/")
    assert done.returncode == 0, done


def test_an_expired_certificate_is_no_reason_either(start_relay, authority):
    relay = start_relay(pairs=[authority.expired("localhost")], expected_problems=("certificate",))
    assert probe(f"https://localhost:{int(relay.tls_port)}/").returncode == 0


def test_keys_a_private_relay_and_names_of_its_own_change_nothing(start_relay, tmp_path):
    keys = tmp_path / "keys"
    keys.touch(mode=0o600)
    assert run_binary("key", "--rights", "publish,view", "--cameras", "*", "--keys", str(keys)).returncode == 0
    relay = start_relay("--keys", str(keys), "--private", "--public-url", "https://cam.example.org")
    assert probe(EVRELAY_LISTEN=f":{relay.port}").returncode == 0


def test_a_relay_whose_loops_stand_still_is_silent(start_relay):
    relay = start_relay()
    relay.signal(19)
    try:
        done = probe(relay.url)
    finally:
        relay.signal(18)
    assert done.returncode == 69 and "no answer within 3 s" in done.stderr, done


def test_a_relay_that_has_ended_is_silent(start_relay):
    relay = start_relay()
    relay.stop()
    done = probe(relay.url)
    assert done.returncode == 69 and done.stdout == "", done
    assert done.stderr.startswith(f"no answer: {relay.url}/: ") and done.stderr.endswith(": Connection refused\n"), done


# --- settings

@pytest.mark.parametrize(("arguments", "settings", "status", "words"), [
    (["ftp://localhost/"], {}, 64, "is no address of a relay"),
    ([], {"EVRELAY_LISTEN": "nonsense"}, 64, "EVRELAY_LISTEN 'nonsense'"),
    ([], {"EVRELAY_LISTEN": "systemd"}, 78, "evrelay probe http://localhost:30333"),
    ([], {"EVRELAY_LISTEN": ":0"}, 78, "evrelay probe http://localhost:30333"),
    (["--config", "/nowhere"], {}, 78, "/nowhere"),
])
def test_settings_that_lead_nowhere_are_told(arguments, settings, status, words):
    done = probe(*arguments, **settings)
    assert done.returncode == status and words in done.stderr, done


@pytest.mark.parametrize("command", ["probe", "doctor"])
def test_a_wrong_address_is_answered_with_the_command_s_own_usage(command):
    """It was answered with the usage of `evrelay` itself."""
    done = run_binary(command, "ftp://localhost/")
    assert done.returncode == 64 and f"Usage: evrelay {command} " in done.stderr, done


# --- others

@pytest.mark.parametrize(("answer", "words"), [
    (b"", "it ended the connection before its answer was whole"),
    (HEAD, "it ended the connection before its answer was whole"),
    (HEAD + b"Content-Length: 1000\r\n\r\n" + GOOD, "it ended the connection before its answer was whole"),
    (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "its answer is not HTTP"),
    (b"\x15\x03\x01\x00\x02\x02\x16\r\n\r\n", "its answer is not HTTP"),
    (HEAD.replace(b"\r\n", b"\n") + b"\n" + GOOD, "its answer is not HTTP"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "its answer is not HTTP"),
    (HEAD + b"\r\n<html></html>", "it answers, but is no relay"),
    (HEAD + b"\r\n" + b"[" * 8000, "it answers, but is no relay"),
    (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "it answers with status 404"),
    (b"HTTP/1.1 503 Service Unavailable\r\n\r\n" + GOOD, "it answers with status 503"),
    (b"HTTP/1.1 103 Early Hints\r\n\r\n" + HEAD + b"\r\n" + GOOD, "it answers with status 103"),
    (HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n", "its answer is larger than 8192 bytes"),
    (HEAD + b"Content-Length: 99999999999\r\n\r\n" + b"x" * 100_000, "its answer is larger than 8192 bytes"),
])
def test_an_answer_that_is_no_relays_is_unhealthy(answer, words):
    with server(saying(answer)) as url:
        done = probe(url)
    assert done.returncode == 1 and done.stdout == "", done
    assert done.stderr == f"unhealthy: {url}: {words}\n", done


def test_a_version_that_would_steer_the_terminal_is_printed_as_text():
    body = GOOD.replace(b"1.2.3", rb"\u001b[2J\u202e")
    with server(saying(HEAD + b"\r\n" + body)) as url:
        done = probe(url)
    assert done.returncode == 0 and done.stdout == f"healthy: {url} is EvRelay \\u{{1b}}[2J\\u{{202e}}\n", done


@pytest.mark.parametrize("speak", [
    saying(b"", stays=True),
    saying(HEAD, stays=True),
    repeating(b"X", 0.05, first=HEAD),
    repeating(b"1\r\n \r\n", 0.05, first=HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
], ids=["silence", "half a head", "a dripping head", "a dripping body"])
def test_who_answers_too_slowly_is_silent(speak):
    with server(speak) as url:
        began = time.monotonic()
        done = probe(url)
        took = time.monotonic() - began
    assert done.returncode == 69 and done.stderr == f"no answer: {url}: no answer within {SECONDS} s\n", done
    assert SECONDS - 0.5 < took < SECONDS + 3 * PATIENCE


@pytest.mark.parametrize("speak", [
    repeating(b"X" * 65536, first=HEAD),
    repeating(b"X: y\r\n" * 5000, first=HEAD),
    repeating(b"\r\n" * 30000),
    repeating(b"HTTP/1.1 100 Continue\r\n\r\n" * 3000),
    repeating(b"X" * 65536, first=HEAD + b"\r\n"),
    repeating(b"1\r\nx\r\n" * 10000, first=HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    repeating(b"X" * 65536, first=HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"),
], ids=["one field", "fields", "blank lines", "informational answers", "a body", "chunks", "a trailer"])
def test_who_answers_without_end_costs_little_time_and_memory(speak):
    """A gigabyte would come within the three seconds."""
    # A sanitizer's shadow memory does not fit into any limit.
    is_sanitized = any(folder in str(BINARY) for folder in (".build-asan", ".build-tsan"))
    limited = ("prlimit", "--data=200000000") if not WRAPPER and not is_sanitized else ()
    with server(speak) as url:
        began = time.monotonic()
        done = run_binary("probe", url, prefix=limited)
        took = time.monotonic() - began
    assert done.returncode in (1, 69) and done.stderr.count("\n") == 1, done
    assert took < SECONDS + 3 * PATIENCE


def test_a_port_where_tls_is_not_spoken_is_unhealthy():
    with server(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        done = probe(url.replace("http://", "https://"))
    assert done.returncode == 1 and "TLS failed: " in done.stderr, done


def test_a_handshake_that_never_ends_is_silent():
    with server(saying(b"", stays=True)) as url:
        done = probe(url.replace("http://", "https://"))
    assert done.returncode == 69, done
