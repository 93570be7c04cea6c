# SPDX-License-Identifier: MIT
"""What stands after `apt install ./evrelay_*.deb` on a plain Debian."""

import re
import socket

from machine import PORT
from service import SOCKET, UNIT, get, is_ready_at
from waiting import wait_until

PRIORITY_WARNING = 4
PRIORITY_INFO = 6


def test_the_installed_service_runs_and_starts_at_boot(service):
    state = service.machine.show(UNIT, "ActiveState", "SubState", "UnitFileState", "Type", "NRestarts")
    assert state == {"ActiveState": "active", "SubState": "running", "UnitFileState": "enabled", "Type": "notify",
                     "NRestarts": "0"}
    state = service.machine.show(SOCKET, "ActiveState", "SubState", "UnitFileState")
    assert state == {"ActiveState": "active", "SubState": "running", "UnitFileState": "enabled"}


def test_the_sandbox_scores_one_and_a_half_at_most(service):
    printed = service.machine.run("systemd-analyze", "security", "--no-pager", UNIT).stdout
    score = re.search(r"Overall exposure level for evrelay\.service: ([0-9.]+)", printed)
    assert score and float(score.group(1)) <= 1.5, printed


def test_the_process_is_nobody_and_can_become_nobody(service):
    status = service.process_status()
    users = {int(user) for user in status["Uid"].split()}
    # The range that systemd gives dynamic users from.
    assert len(users) == 1 and 61184 <= users.pop() <= 65519, status["Uid"]
    for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[capabilities], 16) == 0, f"{capabilities}: {status[capabilities]}"
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2", "no filter of system calls"


def test_the_process_sees_neither_homes_nor_other_processes_and_can_write_in_its_own_folder_alone(service):
    inside = ["nsenter", f"--target={service.pid}", "--mount", "--"]
    assert service.machine.run(*inside, "ls", "/root", check=False).stdout == ""
    for folder in ("/etc", "/usr", "/var/lib", "/run", "/run/lock", "/dev", "/dev/shm"):
        tried = service.machine.run(*inside, "touch", f"{folder}/evrelay-was-here", check=False)
        assert "Read-only file system" in tried.stderr, f"{folder}: {tried}"
    own = "/var/lib/private/evrelay/was-here"
    service.machine.run(*inside, "touch", own)
    service.machine.run("rm", own)
    mounted = service.machine.run(*inside, "cat", "/proc/self/mounts").stdout
    assert re.search(r"^proc /proc proc [^ ]*hidepid=invisible", mounted, re.MULTILINE), mounted


def test_limits_of_memory_tasks_and_descriptors_are_set(service):
    limits = service.machine.show(UNIT, "MemoryHigh", "MemoryMax", "TasksMax", "LimitNOFILE", "FileDescriptorStoreMax")
    assert limits == {"MemoryHigh": str(768 << 20), "MemoryMax": str(1 << 30), "TasksMax": "288",
                      "LimitNOFILE": "65536", "FileDescriptorStoreMax": "4096"}


def test_it_listens_over_ipv4_and_ipv6(service):
    assert is_ready_at(socket.AF_INET, ("127.0.0.1", PORT))
    assert is_ready_at(socket.AF_INET6, ("::1", PORT))


def test_a_frame_that_a_local_program_sends_is_seen(service, camera, watch):
    camera("door")
    watch("/stream/door").wait_for(3)
    assert get("/snapshot/door").body.startswith(b"\xff\xd8")


def test_systemctl_status_tells_cameras_and_viewers(service, camera, watch):
    camera("door")
    watch("/stream/door").wait_for(1)
    watch("/stream/door").wait_for(1)
    wait_until(lambda: re.fullmatch("1 cameras? live, 2 viewers?", service.show("StatusText")), 10,
               "one camera and two viewers in the status")


def test_the_journal_has_priorities_and_fields(service, camera, watch):
    camera("door")
    watch("/stream/door").stop()
    left = wait_until(lambda: service.journal("viewer left"), 10, "a line about the viewer")[-1]
    assert left["SYSLOG_IDENTIFIER"] == "evrelay"
    assert int(left["PRIORITY"]) == PRIORITY_INFO
    assert left["EVRELAY_CAMERA_ID"] == "door"
    assert left["EVRELAY_REASON"]
    assert int(left["EVRELAY_BYTES"]) > 0
    assert re.match(r"viewer left .*\bcamera\.id=door\b", left["MESSAGE"]), left["MESSAGE"]
    # What `journalctl -u evrelay -o cat` prints is that text, without a second time or level in it.
    printed = service.machine.run("journalctl", "--unit=evrelay", "--output=cat", "--no-pager").stdout
    assert left["MESSAGE"] in printed.splitlines()


def test_an_ordinary_day_leaves_no_warning_in_the_journal(service, camera, watch):
    camera("door")
    watch("/stream/door").wait_for(5)
    worse = [entry["MESSAGE"] for entry in service.journal() if int(entry["PRIORITY"]) <= PRIORITY_WARNING]
    assert not worse


def test_the_installed_settings_are_valid(service):
    printed = service.machine.run("evrelay", "--check", "--config", "/etc/evrelay/evrelay.conf").stdout
    assert printed.startswith("configuration is valid\n"), printed
