# SPDX-License-Identifier: MIT
"""Load by the programs that people reach for, against limits of evrelay.conf, and what journal and metrics then say."""

import re
import subprocess

import pytest

import pictures
from machine import PORT
from service import get, metrics
from traffic import crowd
from viewer import Uploader
from waiting import wait_until

URL = f"http://127.0.0.1:{PORT}"
MAX_CONNECTIONS = 1500
CROWD = 2000


def run(*command: str) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def limited(service):
    """The service with limits of the administrator's own, in force after a restart."""
    service.set(max_connections=MAX_CONNECTIONS, max_connections_per_address=1000, max_viewers=200)
    service.restart()
    return service


@pytest.fixture
def uploader(limited):
    """A camera that keeps one connection and sends ten frames a second over it."""
    uploader = Uploader(PORT)
    yield uploader
    uploader.stop()


def ab(path: str, requests: int, at_once: int) -> int:
    """ApacheBench; how many requests it completed. None may have failed or been refused."""
    printed = run("ab", "-q", "-l", "-s", "30", "-n", str(requests), "-c", str(at_once), f"{URL}{path}")
    assert re.search(r"^Failed requests: +0$", printed, re.MULTILINE), printed
    assert "Non-2xx" not in printed, printed
    return int(re.search(r"^Complete requests: +(\d+)$", printed, re.MULTILINE).group(1))


def test_apachebench_takes_snapshots_and_streams_while_a_viewer_watches(limited, uploader, watch):
    watcher = watch()
    assert ab("/snapshot", 5000, 100) == 5000
    assert ab("/stream?frames=5", 100, 50) == 100
    watcher.wait_for(len(watcher.numbers) + 5)
    watcher.check_undisturbed()
    uploader.check_undisturbed()


def test_curl_uploads_and_fetches_fifty_at_a_time(limited, tmp_path):
    frame = tmp_path / "frame.jpg"
    frame.write_bytes(pictures.picture())
    common = ["curl", "--silent", "--show-error", "--parallel", "--parallel-immediate", "--parallel-max", "50",
              "--max-time", "60", "--output", "/dev/null", "--write-out", "%{http_code}\\n"]
    uploads = run(*common, "--header", "Content-Type: image/jpeg", "--data-binary", f"@{frame}",
                  f"{URL}/upload/cam[1-20]?round=[1-20]").split()
    assert uploads == ["200"] * 400
    snapshots = run(*common, f"{URL}/snapshot/cam[1-20]?round=[1-20]").split()
    assert snapshots == ["200"] * 400
    counted = metrics()
    assert counted["evrelay_frames_received_total"] == 400
    assert counted["evrelay_received_bytes_total"] == 400 * len(pictures.picture())
    assert counted['evrelay_cameras{state="live"}'] == 20


def test_two_thousand_connections_against_a_limit_of_fifteen_hundred(limited, uploader, watch):
    watcher = watch()
    watcher.wait_for(2)
    with crowd(CROWD, addresses=4):
        watcher.wait_for(len(watcher.numbers) + 10)
        watcher.check_undisturbed()
        uploader.check_undisturbed()
        # Somebody new is let in at once.
        assert get("/readyz").status == 200

    counted = wait_until(metrics, 5, "metrics")
    assert counted["evrelay_connections_limit"] == MAX_CONNECTIONS
    assert not [name for name, count in counted.items() if name.startswith("evrelay_refusals_total") and count]
    let_go = counted['evrelay_idle_connections_let_go_total{reason="connections-full"}']
    # The viewer and the camera have a place each, and so had whoever asked for /readyz.
    too_many = CROWD + 2 - MAX_CONNECTIONS
    assert too_many <= let_go <= too_many + 50
    assert counted["process_resident_memory_bytes"] < 200e6

    def told() -> list[dict]:
        return [entry for entry in limited.journal("idle connection let go") if int(entry["_PID"]) == limited.pid]

    # A line for the first, and ten seconds later one with the number of the others.
    wait_until(lambda: sum(1 + int(entry.get("EVRELAY_MORE", 0)) for entry in told()) >= too_many, 30,
               "the number of those let go in the journal")
    assert len(told()) <= 10, [entry["MESSAGE"] for entry in told()]


def test_viewers_above_their_limit_are_refused_and_the_others_stay(limited, uploader, watch):
    watcher = watch()
    limited.set(max_viewers=40)
    limited.reload()
    wait_until(lambda: metrics()["evrelay_viewers_limit"] == 40, 5, "the new limit")
    printed = run("curl", "--silent", "--parallel", "--parallel-immediate", "--parallel-max", "100", "--output",
                  "/dev/null", "--write-out", "%{http_code}\\n", "--max-time", "60",
                  f"{URL}/stream?frames=20&viewer=[1-100]").split()
    assert printed.count("200") == 39 and printed.count("503") == 61, printed
    watcher.wait_for(len(watcher.numbers) + 3)
    watcher.check_undisturbed()
    uploader.check_undisturbed()
    assert metrics()["evrelay_viewers_limit"] == 40
