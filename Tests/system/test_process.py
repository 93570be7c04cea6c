# SPDX-License-Identifier: MIT
"""The life of the process: starting, refusing to start, ending."""

import re
import signal
import socket
import time

import pytest

import pictures
from conftest import watched_camera
from relay import run_binary
from settings import PATIENCE
from viewer import Stream, Watcher
from waiting import wait_until


@pytest.mark.over_tls_too
@pytest.mark.valgrind
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_relay_within_five_seconds_and_closes_the_streams(start_relay, number):
    relay = start_relay(expected_problems=("drain time is over",))
    with watched_camera(relay), watched_camera(relay, "door"):
        pass
    relay.upload(pictures.numbered(1))
    relay.upload(pictures.numbered(1), "door")
    watchers = [Watcher(relay.port), Watcher(relay.port, "/stream/door"), Watcher(relay.port, "/stream/not-yet")]
    with relay.connect() as half_sent:
        for watcher in watchers[:2]:
            watcher.wait_for(1)
        frame = pictures.numbered(2)
        half_sent.request("POST", "/upload", "Content-Type: image/jpeg", f"Content-Length: {len(frame)}",
                          body=frame[:999])
        wait_until(lambda: relay.camera()["viewers"] == 1)
        before = time.monotonic()
        relay.signal(number)
        assert relay.wait(6) == 0
        assert time.monotonic() - before < 5 * PATIENCE
        for watcher in watchers:
            wait_until(lambda watcher=watcher: watcher.ended)
            assert watcher.failure is None and watcher.closed_well, "the stream did not end with its closing delimiter"
            watcher.stop()
        assert half_sent.ends_within(1)


@pytest.mark.over_tls_too
def test_an_upload_under_way_is_finished_before_the_relay_ends(relay):
    frame = pictures.numbered(2)
    with relay.connect() as wire:
        relay.upload(pictures.numbered(1))
        wire.request("POST", "/upload", "Content-Type: image/jpeg", f"Content-Length: {len(frame)}", body=frame[:999])
        assert wire.is_silent_for(0.2)
        relay.signal(signal.SIGTERM)
        wait_until(lambda: refuses_connections(relay), what="no new connections while draining")
        wire.send(frame[999:])
        assert wire.response("POST").status == 200
    assert relay.wait() == 0


def refuses_connections(relay) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", relay.port)) != 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"])
def test_a_second_signal_ends_the_relay_at_once(start_relay, number, status):
    relay = start_relay("--drain-timeout", "60s", expected_problems=("ending at once",))
    frame = pictures.numbered(1)
    with relay.connect() as wire:
        wire.request("POST", "/upload", "Content-Type: image/jpeg", f"Content-Length: {len(frame)}", body=frame[:999])
        assert wire.is_silent_for(0.2)
        relay.signal(number)
        wait_until(lambda: refuses_connections(relay))
        assert relay.is_running
        relay.signal(number)
        assert relay.wait(1) == status


def test_a_relay_without_work_ends_at_once(relay):
    before = time.monotonic()
    relay.signal(signal.SIGTERM)
    assert relay.wait() == 0
    assert time.monotonic() - before < 1 * PATIENCE


WRONG_FLAGS = [
    (["--threads", "0"], ["--threads", "0", "256"]),
    (["--threads", "many"], ["--threads", "many"]),
    (["--listen", "nowhere"], ["--listen", "nowhere"]),
    (["--listen", "127.0.0.1:65536"], ["--listen", "65536"]),
    (["--max-frame-bytes", "1B"], ["--max-frame-bytes", "1B"]),
    (["--max-frame-bytes", "65MiB"], ["--max-frame-bytes", "65MiB", "64"]),
    (["--header-timeout", "10"], ["--header-timeout", "10", "s"]),
    (["--header-timeout", "99ms"], ["--header-timeout", "99ms", "100"]),
    (["--allow-origin", "truruki.ru"], ["--allow-origin", "truruki.ru", "https://"]),
    (["--allow-origin", "https://truruki.ru/"], ["--allow-origin", "https://truruki.ru/"]),
    (["--offline-after", "1s"], ["--offline-after", "--stale-after"]),
    (["--frame-memory", "5MiB"], ["--frame-memory", "--max-frame-bytes"]),
    (["--max-header-fields", "7"], ["--max-header-fields", "7", "8"]),
    (["--max-viewers", "-1"], ["--max-viewers"]),
    (["--log-level", "loud"], ["--log-level", "loud", "info"]),
    (["--no-such-flag"], ["--no-such-flag"]),
    (["nonsense"], ["nonsense"]),
]


@pytest.mark.parametrize(("arguments", "named"), WRONG_FLAGS, ids=[" ".join(flags) for flags, _ in WRONG_FLAGS])
def test_a_wrong_flag_is_named_and_the_status_is_64(arguments, named):
    ended = run_binary(*arguments)
    assert ended.returncode == 64, ended
    for word in named:
        assert word in ended.stderr, ended.stderr


def test_a_wrong_environment_variable_is_named_too():
    ended = run_binary(extra={"EVRELAY_THREADS": "none"})
    assert ended.returncode == 64, ended
    assert "EVRELAY_THREADS" in ended.stderr and "none" in ended.stderr


def test_the_environment_sets_and_a_flag_beats_it(start_relay):
    relay = start_relay(extra={"EVRELAY_MAX_FRAME_BYTES": "1KiB"})
    assert relay.upload(pictures.numbered(1)).status == 413
    relay = start_relay("--max-frame-bytes", "5MiB", extra={"EVRELAY_MAX_FRAME_BYTES": "1KiB"})
    assert relay.upload(pictures.numbered(1)).status == 200


def test_a_port_in_use_is_named_and_the_status_is_69(relay):
    ended = run_binary("--listen", f"127.0.0.1:{relay.port}")
    assert ended.returncode == 69, ended
    assert f"127.0.0.1:{relay.port}" in ended.stderr and "in use" in ended.stderr.lower()


def test_a_missing_web_root_is_named_and_the_status_is_78():
    ended = run_binary("--listen", "127.0.0.1:0", "--web-root", "/nonexistent/pages")
    assert ended.returncode == 78, ended
    assert "/nonexistent/pages" in ended.stderr


def test_version_and_help():
    version = run_binary("--version")
    assert version.returncode == 0 and re.fullmatch(r"(evrelay )?\d+\.\d+\.\d+\n", version.stdout), version
    assert run_binary("--help").returncode == 0
    assert run_binary("serve", "--help").returncode == 0


def test_it_listens_where_it_is_told(start_relay, tmp_path):
    relay = start_relay("--listen", f"unix:{tmp_path}/relay.socket", "--listen", "[::1]:0")
    assert len(relay.log_lines(r"\blistening\b")) == 3
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(f"{tmp_path}/relay.socket")
        client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert client.recv(4096).startswith((b"HTTP/1.0 200 ", b"HTTP/1.1 200 "))
    relay.stop()
    assert not (tmp_path / "relay.socket").exists(), "the socket file is left behind"


def test_the_pages_can_come_from_a_folder(start_relay, tmp_path):
    for name in ("index.html", "watch.html", "camera.html"):
        (tmp_path / name).write_text(f"<title>{name} of my own</title>")
    relay = start_relay("--web-root", str(tmp_path))
    assert b"index.html of my own" in relay.get("/").body
    (tmp_path / "index.html").write_text("<title>edited</title>")
    assert b"edited" in relay.get("/").body
    assert relay.get("/../pytest.ini").status in (400, 404)


@pytest.mark.over_tls_too
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_stream_of_one_frame_ends_with_the_closing_delimiter(relay, version):
    relay.upload(pictures.numbered(7))
    with relay.connect() as wire:
        stream = Stream(wire, "/stream?frames=1", version=version)
        assert stream.is_chunked == (version == "1.1")
        assert pictures.number_of(stream.frame()) == 7
        assert stream.frame() is None
        assert wire.ends_within(2 * PATIENCE)
