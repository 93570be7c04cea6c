# SPDX-License-Identifier: MIT
"""Settings and addresses as an administrator changes them, rightly and wrongly."""

import socket

import pytest

from machine import PORT
from service import SOCKET, UNIT, get, is_ready_at, metrics
from waiting import stays_true, wait_until


def failed(service) -> dict[str, str]:
    """The service's state after a start that its settings made impossible."""
    wait_until(lambda: service.state == "failed", 10, "the service to give up")
    return service.machine.show(UNIT, "Result", "ExecMainStatus", "NRestarts")


def test_limits_of_the_file_are_in_force_after_a_restart(service, camera, watch):
    service.set(max_viewers=3)
    service.restart()
    camera()
    watchers = [watch() for _ in range(3)]
    refused = get("/stream")
    assert refused.status == 503 and b"--max-viewers" in refused.body, refused
    for watcher in watchers:
        watcher.wait_for(2)


def test_a_reload_puts_a_limit_in_force_and_loses_no_connection(service, camera, watch):
    sending = camera()
    watchers = [watch(), watch()]
    pid = service.pid
    service.set(max_viewers=2)
    service.reload()
    wait_until(lambda: service.journal("reloaded"), 5, "the reload")
    assert get("/stream").status == 503
    for watcher in watchers:
        watcher.wait_for(len(watcher.numbers) + 5)
        watcher.check_undisturbed()
    sending.check_undisturbed()
    assert service.pid == pid
    assert metrics()['evrelay_reloads_total{result="ok"}'] == 1
    assert service.state == "active"


def test_a_reload_with_a_wrong_file_changes_nothing_and_says_why(service, camera, watch):
    sending = camera()
    watcher = watch()
    service.set(max_viewers=1, max_frame_bytes="plenty")
    service.reload()
    said = wait_until(lambda: service.journal("reload failed"), 5, "the failed reload")[-1]
    assert "EVRELAY_MAX_FRAME_BYTES" in said["MESSAGE"] and "evrelay.conf" in said["MESSAGE"], said["MESSAGE"]
    watch().wait_for(2)
    watcher.wait_for(len(watcher.numbers) + 3)
    sending.check_undisturbed()
    assert service.state == "active"


def test_a_wrong_setting_ends_the_start_with_64_and_is_not_tried_again(service):
    service.set(max_viewers="many")
    service.machine.systemctl("restart", UNIT, check=False)
    assert failed(service) == {"Result": "exit-code", "ExecMainStatus": "64", "NRestarts": "0"}
    stays_true(lambda: service.state == "failed", 1.5, "the service rests")
    said = "\n".join(entry["MESSAGE"] for entry in service.journal())
    assert "EVRELAY_MAX_VIEWERS in /etc/evrelay/evrelay.conf, line " in said, said[-2000:]


def test_settings_that_are_missing_end_the_start_with_78_and_are_not_tried_again(service):
    text = service.settings.read_text()
    service.settings.unlink()
    try:
        service.machine.systemctl("restart", UNIT, check=False)
        assert failed(service) == {"Result": "exit-code", "ExecMainStatus": "78", "NRestarts": "0"}
        stays_true(lambda: service.state == "failed", 1.5, "the service rests")
    finally:
        service.settings.write_text(text)


def test_connections_do_not_start_a_wrong_configuration_for_ever_and_a_mended_one_starts(service):
    """Each connection that waits starts a socket-activated service; one that cannot start would go round for good."""
    good = service.settings.read_text()
    service.set(max_viewers="many")
    service.machine.systemctl("restart", UNIT, check=False)
    with socket.create_connection(("127.0.0.1", PORT), 10):
        wait_until(lambda: service.machine.show(SOCKET, "ActiveState")["ActiveState"] == "failed", 20,
                   "systemd to end the round")
    service.settings.write_text(good)
    # On a slow machine the round ends at the limit of starts and not at that of connections; then systemd starts nothing
    # before StartLimitIntervalSec= is over.
    wait_until(lambda: service.machine.run("systemctl", "restart", UNIT, check=False).returncode == 0, 40,
               "systemd to start it again")
    assert get("/readyz").status == 200


@pytest.fixture
def more_addresses(service):
    """A drop-in of the administrator's for the socket, as `systemctl edit evrelay.socket` writes it."""
    drop_in = service.machine.inside(f"/etc/systemd/system/{SOCKET}.d/override.conf")
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Socket]\nListenStream=127.0.0.1:81\nListenStream=[::1]:30334\nListenStream=/run/evrelay.sock\n")
    service.machine.systemctl("daemon-reload")
    service.machine.systemctl("restart", SOCKET, UNIT)
    yield [(socket.AF_INET, ("127.0.0.1", PORT)), (socket.AF_INET, ("127.0.0.1", 81)),
           (socket.AF_INET6, ("::1", 30334)), (socket.AF_UNIX, str(service.machine.inside("/run/evrelay.sock")))]
    drop_in.unlink()
    service.machine.systemctl("daemon-reload")


def test_a_drop_in_adds_addresses_ports_below_1024_and_unix_sockets(service, more_addresses):
    for family, address in more_addresses:
        assert is_ready_at(family, address), address
