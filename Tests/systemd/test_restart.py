# SPDX-License-Identifier: MIT
"""What cameras and viewers notice when the service restarts, stops, hangs or is killed."""

import signal
import time

from machine import PORT
from service import UNIT, get, metrics
from waiting import wait_until
from wire import Wire

VIEWERS = 5


def watching(watch, count: int = VIEWERS) -> list:
    watchers = [watch() for _ in range(count)]
    for watcher in watchers:
        watcher.wait_for(2)
    return watchers


def check_they_go_on(watchers: list, seconds: float = 2):
    """Each viewer gets further frames on the connection it has, and nothing twice or backwards."""
    seen = [len(watcher.numbers) for watcher in watchers]
    for watcher, count in zip(watchers, seen, strict=True):
        assert not watcher.ended, "the stream ended"
        watcher.wait_for(count + 3, seconds)
        assert watcher.numbers == sorted(set(watcher.numbers)), "a frame came twice, or an older one behind a newer"


def test_a_restart_refuses_no_camera_and_plain_viewers_go_on(service, camera, watch):
    sending = camera()
    watchers = watching(watch)
    for _ in range(3):
        before = service.pid
        service.restart()
        assert service.pid != before
        check_they_go_on(watchers)
        wait_until(lambda: metrics().get("evrelay_viewers_restored_total") == VIEWERS, 5, "viewers to be counted")
    sending.check_undisturbed()
    assert sending.slowest < 2, f"a frame waited {sending.slowest:.1f} s"
    assert service.restarts == 0
    assert service.journal("handed over") and service.journal("restored")


def test_restarts_in_quick_succession_lose_nobody(service, camera, watch):
    """The next restart then comes while the process still starts, and has not said that it is ready."""
    sending = camera()
    watchers = watching(watch)
    for looks in range(6):
        service.machine.systemctl("restart", "--no-block", UNIT)
        # Each look takes some ten milliseconds, and a start some fifty.
        for _ in range(looks):
            assert service.state != "failed"
    service.wait_until_ready()
    check_they_go_on(watchers, 5)
    sending.check_undisturbed()
    assert service.state == "active"


def test_a_restart_counts_no_frame_as_skipped_that_nobody_sent(service, camera, watch):
    sending = camera()
    watchers = watching(watch)
    service.restart()
    check_they_go_on(watchers)
    sent = sending.count
    assert metrics()["evrelay_frames_skipped_total"] <= sent * len(watchers)
    sending.check_undisturbed()


def test_hundreds_of_viewers_go_on_and_none_of_their_descriptors_stays_behind(service, camera, audience):
    count = 300
    service.set(max_connections_per_address=1000)
    service.restart()
    sending = camera()
    viewers = audience(count, "/stream?fps=3")
    viewers.wait_for_frames(2, 20)
    open_before = metrics()["process_open_fds"]
    for _ in range(2):
        service.restart()
        viewers.wait_for_frames(2, 10)
    sending.check_undisturbed()
    assert metrics()["evrelay_viewers"] == count
    assert service.show("NFileDescriptorStore") == "0"
    # A camera's connection and this one come and go.
    assert abs(metrics()["process_open_fds"] - open_before) <= 4


def test_a_viewer_who_reads_nothing_does_not_hold_a_restart_up(service, camera, watch):
    camera()
    others = watching(watch)
    with Wire(PORT, receive_buffer=4096) as asleep:
        asleep.request("GET", "/stream")
        check_they_go_on(others, 5)
        started = time.monotonic()
        service.restart()
        # --drain-timeout is four seconds.
        assert time.monotonic() - started < 6
        check_they_go_on(others)


def test_a_viewer_who_waits_for_a_still_camera_outlives_a_restart(service, camera, watch):
    sending = camera()
    watcher = watching(watch, 1)[0]
    sending.stop()
    service.restart()
    # The picture came over to the new process: it is there before the camera sends again, for others and for this one.
    assert get("/snapshot").status == 200
    camera(after=sending.number)
    check_they_go_on([watcher])


def test_a_stop_ends_streams_with_their_closing_delimiter(service, camera, watch):
    sending = camera()
    watchers = watching(watch)
    # Its next frame would start the service again.
    sending.stop()
    service.machine.systemctl("stop", UNIT)
    wait_until(lambda: all(watcher.ended for watcher in watchers), 5, "the streams' ends")
    assert all(watcher.closed_well for watcher in watchers), [watcher.failure for watcher in watchers]
    assert service.machine.show(UNIT, "ActiveState", "Result", "ExecMainStatus") == {
        "ActiveState": "inactive", "Result": "success", "ExecMainStatus": "0"}
    sending.check_undisturbed()


def test_a_connection_starts_the_stopped_service(service):
    service.machine.systemctl("stop", UNIT)
    assert service.state == "inactive"
    assert get("/readyz").status == 200
    assert service.state == "active"


def test_stopping_the_socket_stops_the_service(service):
    service.machine.systemctl("stop", "evrelay.socket")
    assert service.state == "inactive"
    assert not service.listening_sockets()


def test_a_process_that_hangs_is_restarted_by_the_watchdog(service, camera):
    restarts, pid = service.restarts, service.pid
    service.machine.systemctl("kill", "--kill-whom=main", f"--signal={signal.SIGSTOP.name}", UNIT)
    # WatchdogSec, and the time to end and to start again.
    wait_until(lambda: service.restarts > restarts, 20, "systemd to notice")
    service.wait_until_ready()
    assert service.pid != pid
    assert get("/readyz").status == 200
    said = [entry["MESSAGE"] for entry in service.machine.journal("_PID=1", f"UNIT={UNIT}")]
    assert any("Watchdog timeout" in message for message in said), said


def test_a_killed_process_is_back_within_two_seconds_and_its_port_never_closes(service, camera):
    sending = camera()
    restarts = service.restarts
    killed_at = time.monotonic()
    service.machine.systemctl("kill", "--kill-whom=main", "--signal=SIGKILL", UNIT)
    sending.wait_for(3, 5)
    assert time.monotonic() - killed_at < 2
    assert sending.refused == 0
    # What was under way in the killed process is lost, and nothing else.
    assert len(sending.failures) <= 1, sending.failures
    assert service.restarts == restarts + 1


def test_a_process_that_ends_by_a_trap_says_where_and_is_back_with_the_same_socket(service, camera):
    """It used to leave nothing but the signal's name in the journal."""
    sending = camera()
    restarts, sockets = service.restarts, service.listening_sockets()
    assert sockets
    service.machine.systemctl("kill", "--kill-whom=main", "--signal=SIGILL", UNIT)
    sending.wait_for(3, 5)
    wait_until(lambda: service.restarts == restarts + 1, 5, "a restart")
    assert service.listening_sockets() == sockets
    assert sending.refused == 0
    # What was under way in the process is lost, and nothing else.
    assert len(sending.failures) <= 1, sending.failures
    said = [entry.get("MESSAGE", "") for entry in service.journal()]
    assert [line for line in said if line.startswith("crash signal=4 version=")], said[-20:]
    assert len([line for line in said if line.startswith("crash at ")]) >= 5, said[-20:]


def test_a_process_that_is_killed_again_and_again_still_comes_back(service):
    """systemd gives up after five starts within ten seconds unless it is told otherwise."""
    for _ in range(8):
        service.wait_until_ready()
        restarts = service.restarts
        service.machine.systemctl("kill", "--kill-whom=main", "--signal=SIGKILL", UNIT)
        wait_until(lambda seen=restarts: service.restarts > seen, 5, "a restart")
    assert get("/readyz").status == 200
