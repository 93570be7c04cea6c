# SPDX-License-Identifier: MIT
"""What the relay says on standard error."""

import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import threading

import pytest

import pictures
from conftest import watched_camera
from ports import free_port
from relay import environment
from settings import BINARY, WRAPPER
from waiting import wait_until
from wire import Wire

LINE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z (debug|info|notice|warning|error) [^=]+( [a-z_.]+=.*)*")


@pytest.mark.valgrind
def test_one_line_for_each_coming_and_going_and_none_for_a_frame(start_relay):
    relay = start_relay("--stale-after", "200ms", "--offline-after", "400ms", "--forget-after", "1s")
    with watched_camera(relay, "door") as (uploader, watcher):
        watcher.wait_for(10)
        watched = len(relay.lines)
        watcher.wait_for(len(watcher.numbers) + 15)
        assert uploader.count > 15
        assert len(relay.lines) == watched, relay.lines[watched:]
        # Of the start, the camera's coming and the viewer's coming: a line or two each.
        assert watched <= 8, relay.lines
        assert len(relay.log_lines(r"viewer.*camera(\.id)?=door")) == 1, relay.lines
    wait_until(lambda: len(relay.log_lines(r"viewer.*camera(\.id)?=door")) == 2, what="a line for the viewer's going")
    wait_until(lambda: relay.get("/cameras/door").status == 404, what="the camera is forgotten")
    assert 2 <= len(relay.log_lines(r"camera(\.id)?=door")) <= 7, relay.lines


def test_every_line_has_a_time_a_level_and_words(relay):
    relay.upload(pictures.numbered(1))
    relay.stop()
    for line in relay.lines:
        assert LINE.fullmatch(line), line


def test_a_refusal_a_thousand_times_over_is_not_a_thousand_lines(relay):
    before = len(relay.lines)
    with relay.connect() as wire:
        for _ in range(1000):
            wire.request("POST", "/upload", "Content-Type: image/jpeg", "Content-Length: 3", body=b"not")
            assert wire.response("POST").status == 422
    assert len(relay.lines) - before < 20, relay.lines[before:][:30]


def test_a_name_cannot_forge_a_line(relay):
    relay.get("/stream/a%0A2026-11-22T18:00:00.123Z%20error%20forged")
    relay.get("/nothing/%0A%1B%5B31mforged")
    assert relay.get("/healthz").status == 200
    for line in relay.lines:
        assert LINE.fullmatch(line) and "\x1b" not in line, line


def test_the_level_decides_what_is_said(start_relay):
    relay = start_relay("--log-level", "notice")
    relay.upload(pictures.numbered(1))
    relay.stop()
    assert not relay.log_lines(r" (debug|info) ")


@pytest.mark.valgrind
def test_json_lines_are_objects_with_a_time_a_level_and_words(start_relay):
    relay = start_relay("--log-format", "json", "--log-level", "debug")
    with watched_camera(relay, "door"):
        pass
    relay.stop()
    lines = [json.loads(line) for line in relay.lines]
    for line in lines:
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", line["time"]), line
        assert line["level"] in {"debug", "info", "notice", "warning", "error"}, line
        assert re.fullmatch(r"[a-z -]+", line["message"]), line
    assert [line for line in lines if line.get("camera.id") == "door"]


@pytest.mark.parametrize("hostile", ["%22%2C%22level%22%3A%22forged", "%0A%7B%22message%22%3A%22forged%22%7D", "%1B%5B31m"])
def test_a_name_cannot_forge_a_json_line(start_relay, hostile):
    relay = start_relay("--log-format", "json", "--log-level", "debug")
    relay.get(f"/stream/{hostile}")
    relay.get(f"/nothing/{hostile}")
    relay.stop()
    for line in relay.lines:
        assert "\x1b" not in line and json.loads(line)["level"] != "forged", line


def fields(entry: bytes) -> dict[str, str]:
    return dict(line.split("=", 1) for line in entry.decode().splitlines())


def test_the_journal_gets_entries_with_a_field_for_each_value(start_under_journal, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(tmp_path / "socket"))
        journal.settimeout(10)
        relay = start_under_journal(socket_folder=str(tmp_path))
        entries = [fields(journal.recv(65536))]
        while entries[-1]["EVRELAY_EVENT"] != "listening":
            entries.append(fields(journal.recv(65536)))
        assert relay.end() == [], "what the journal took is not written a second time"
    for entry in entries:
        assert entry["SYSLOG_IDENTIFIER"] == "evrelay" and entry["PRIORITY"] == "5", entry
    url = entries[-1]["EVRELAY_URL"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    assert entries[-1]["MESSAGE"] == f"listening address={url[7:]} url={url}"


def test_without_the_journal_s_socket_lines_carry_their_priority(start_under_journal):
    relay = start_under_journal("--log-level", "notice")
    lines = relay.lines_until_it_listens() + relay.end()
    assert len(lines) >= 3 and all(re.match(r"<5>[a-z]+( |$)", line) for line in lines), lines


def test_json_in_the_journal_is_a_line_with_its_priority(start_under_journal, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(tmp_path / "socket"))
        relay = start_under_journal("--log-format", "json", socket_folder=str(tmp_path))
        lines = relay.lines_until_it_listens() + relay.end()
        journal.setblocking(False)
        with pytest.raises(BlockingIOError):
            journal.recv(1)
    assert [json.loads(line.removeprefix("<5>"))["message"] for line in lines][:2] == ["starting", "listening"]


def test_a_log_that_nobody_reads_stops_nobody():
    """A loop wrote its lines itself. Where standard error was a pipe that nobody read, 262 visitors stopped it for good:
    their lines filled the pipe, and with it went everybody else on that loop."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    port = free_port()
    with subprocess.Popen([*WRAPPER, str(BINARY), "--listen", f"127.0.0.1:{port}", "--threads", "1", "--log-level", "debug"],
                          env=environment(), stdin=subprocess.DEVNULL, stderr=writer) as process:
        os.close(writer)
        try:
            def answers():
                with contextlib.suppress(ConnectionRefusedError), Wire(port) as wire:
                    wire.request("GET", "/healthz", "Connection: close")
                    return wire.response().status == 200
            wait_until(answers, what="an answer")
            with Wire(port) as canary:
                for number in range(300):
                    with Wire(port) as visitor:
                        visitor.request("GET", "/stream/door")
                        assert visitor.head().status == 200
                    for _ in range(10):
                        canary.request("GET", "/healthz")
                        assert canary.response().status == 200, number
                canary.request("GET", "/metrics")
                lost = int(re.search(rb"^evrelay_log_lines_lost_total (\d+)$", canary.response().body, re.MULTILINE)[1])
            assert lost > 100
            lines: list[str] = []

            def read():
                with os.fdopen(reader, errors="replace") as stream:
                    lines.extend(line.rstrip("\n") for line in stream)

            def told() -> int:
                return sum(int(found[1]) for line in lines if (found := re.search(r"warning lines lost lines=(\d+)$", line)))

            reading = threading.Thread(target=read, daemon=True)
            reading.start()
            # An end waits a tenth of a second for who reads its log, and a busy machine may sleep through that.
            wait_until(lambda: told() >= lost, what="the number of lines that were lost")
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            reading.join(10)
            assert lines[-1].endswith("stopped"), lines[-5:]
        finally:
            process.kill()


def test_visitors_who_come_and_go_do_not_fill_the_log(relay):
    """Joins and leaves had no limit: one visitor wrote 15,000 lines a second, and what mattered drowned in them."""
    for _ in range(400):
        with relay.connect() as wire:
            wire.request("GET", "/stream/door")
            assert wire.head().status == 200
    assert relay.upload(pictures.numbered(1), "door").status == 200
    relay.wait_for_line("camera live")
    told = relay.log_lines("viewer (joined|left)")
    left_out = relay.metric("evrelay_log_lines_left_out_total")
    assert 150 <= len(told) < 400 and left_out >= 400, (len(told), left_out)
    relay.stop()
    told = relay.log_lines("viewer (joined|left)")
    more = sum(int(found[1]) for line in told if (found := re.search(r" more=(\d+)", line)))
    assert len([line for line in told if "camera.id" in line]) + more == 800, (len(told), more)
