# SPDX-License-Identifier: MIT
"""From one package to the next, and away without a trace."""

import re
import socket

import pytest

from machine import PORT
from service import SOCKET, UNIT, get
from test_restart import check_they_go_on, watching
from waiting import wait_until


def version(machine) -> str:
    return machine.run("dpkg-query", "--show", "--showformat=${Version}", "evrelay").stdout


def test_an_upgrade_keeps_settings_sockets_cameras_and_viewers(installed, camera, watch):
    machine = installed.machine
    installed.wait_until_ready()
    installed.set(max_viewers=20)
    installed.restart()
    secret = machine.inside("/etc/evrelay/token-secret").read_text()
    sending = camera()
    watchers = watching(watch)
    sockets, pid, old_version = installed.listening_sockets(), installed.pid, version(machine)
    assert len(sockets) == 1

    machine.apt_get("install", "/root/evrelay-next.deb")

    assert version(machine) == f"{old_version}+next"
    installed.wait_until_ready()
    assert installed.pid != pid, "the old program still runs"
    assert installed.listening_sockets() == sockets, "a listening socket was closed"
    check_they_go_on(watchers)
    sending.check_undisturbed()
    assert installed.restarts == 0
    assert "\nEVRELAY_MAX_VIEWERS=20\n" in installed.settings.read_text()
    assert machine.inside("/etc/evrelay/token-secret").read_text() == secret, "every link would have ended"
    for unit in (SOCKET, UNIT):
        assert machine.show(unit, "ActiveState", "UnitFileState") == {
            "ActiveState": "active", "UnitFileState": "enabled"}


def test_an_upgrade_leaves_a_disabled_service_disabled(installed):
    machine = installed.machine
    machine.systemctl("disable", "--now", SOCKET, UNIT)
    machine.apt_get("install", "--reinstall", "/root/evrelay-next.deb")
    for unit in (SOCKET, UNIT):
        assert machine.show(unit, "ActiveState", "UnitFileState") == {
            "ActiveState": "inactive", "UnitFileState": "disabled"}
    machine.systemctl("enable", "--now", SOCKET, UNIT)


def traces(machine) -> list[str]:
    """Everything in the system that is named after the program, beside the packages that the tests brought."""
    found = machine.run("find", "/", "-xdev", "-iname", "*evrelay*", "-not", "-path", "/root/evrelay*.deb",
                        "-not", "-path", "/var/cache/apt/archives/*").stdout.splitlines()
    for folder in ("/run", "/dev/shm", "/tmp"):
        found += machine.run("find", folder, "-iname", "*evrelay*").stdout.splitlines()
    # The tools for users and groups keep a copy of what was before their last change.
    found += machine.run("grep", "-rIil", "evrelay", "/etc", "--exclude=group-", "--exclude=gshadow-",
                         check=False).stdout.splitlines()
    return found


def test_removing_it_ends_everything_and_purging_leaves_nothing(installed, camera, watch):
    machine = installed.machine
    installed.wait_until_ready()
    # It goes on sending: while it does, each stop of the service alone would be followed by a start.
    camera()
    watcher = watching(watch, 1)[0]
    # Without a certificate nobody is served there, but the sockets are open.
    machine.systemctl("enable", "--now", "evrelay-tls.socket", check=False)

    machine.apt_get("remove", "evrelay")

    wait_until(lambda: watcher.ended, 5, "the stream's end")
    assert watcher.closed_well
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", PORT), 5)
    for unit in (SOCKET, UNIT):
        assert machine.show(unit, "ActiveState", "LoadState") == {"ActiveState": "inactive", "LoadState": "not-found"}
    assert installed.settings.exists(), "the settings stay until it is purged"

    machine.apt_get("purge", "evrelay")

    assert traces(machine) == []
    assert machine.systemctl("is-system-running") == "running"


def test_it_can_be_installed_again_after_that_and_says_what_is_true(machine):
    """It ended with a line about a file that was gone a moment later."""
    said = machine.apt_get("install", "/root/evrelay.deb")
    assert get("/readyz").status == 200
    own = [line for line in said.splitlines() if line.startswith("evrelay: ") or "token-secret" in line]
    assert len(own) == 2 and "evrelay key --rights publish" in own[1], said
    for path in re.findall(r"/etc/\S+?(?=[,.]?(?:\s|$))", "\n".join(own)):
        assert machine.inside(path).exists(), path
    machine.apt_get("purge", "evrelay")
    assert traces(machine) == []
