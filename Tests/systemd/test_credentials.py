# SPDX-License-Identifier: MIT
"""Keys, the secret for links, and certificates: how the sandboxed service gets at files that nobody else may read."""

import re
import shutil
import socket

import pytest

import pictures
from certificates import Authority, Pair
from credentials import bearer
from service import SOCKET, UNIT, get, metrics
from waiting import wait_until
from wire import TLSPort, Wire

KEYS, SECRET, FOLDER = "/etc/evrelay/keys", "/etc/evrelay/token-secret", "/etc/evrelay/tls"
HOOK = "/usr/share/doc/evrelay/docs/tls/renewal-hook.sh"
NAME = "camera.example.test"
LINEAGE = f"/etc/letsencrypt/live/{NAME}"
TLS_PORT = 30443


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def lineage(service, authority):
    """Puts pairs where certbot keeps them, readable by root alone."""
    folder = service.machine.inside(LINEAGE)

    def renew() -> Pair:
        pair = authority.local()
        folder.mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(0o700)
        for source, name in ((pair.certificate, "fullchain.pem"), (pair.key, "privkey.pem")):
            (folder / name).write_bytes(source.read_bytes())
            (folder / name).chmod(0o600)
        return pair
    yield renew
    shutil.rmtree(service.machine.inside("/etc/letsencrypt"), ignore_errors=True)
    shutil.rmtree(service.machine.inside(FOLDER), ignore_errors=True)


def tls_get(pair: Pair, target: str, *fields: str):
    with Wire(TLSPort(TLS_PORT, pair.context())) as wire:
        wire.request("GET", target, "Connection: close", *fields)
        return wire.response()


def served_certificate(pair: Pair) -> bytes:
    with Wire(TLSPort(TLS_PORT, pair.context())) as wire:
        return wire.socket.getpeercert(binary_form=True)


def is_served(pair: Pair) -> bool:
    with Wire(TLSPort(TLS_PORT, pair.context())) as wire:
        return int(wire.socket.getpeercert()["serialNumber"], 16) == pair.serial


def stat(machine, path: str) -> str:
    return machine.run("stat", "--format=%a %U %G", path).stdout.strip()


def reload(service):
    before = len(service.journal("reloaded"))
    service.reload()
    wait_until(lambda: len(service.journal("reloaded")) > before, 10, f"the reload; {service.journal()[-3:]}")


def test_the_installation_made_an_empty_file_of_keys_and_a_secret_of_its_own(service):
    for path in (KEYS, SECRET):
        assert stat(service.machine, path) == "640 root evrelay-keys"
        tried = service.machine.run(
            "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "cat", path, check=False)
        assert "Permission denied" in tried.stderr and not tried.stdout, tried
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}\n?", service.machine.inside(SECRET).read_text())
    lines = service.machine.inside(KEYS).read_text().splitlines()
    assert lines and all(line.startswith("#") for line in lines), lines


def test_the_secret_of_another_installation_is_another(service, machine):
    before = machine.inside(SECRET).read_text()
    machine.apt_get("install", "--reinstall", "/root/evrelay.deb")
    assert machine.inside(SECRET).read_text() == before, "an installation over this one keeps it"
    machine.run("mv", SECRET, f"{SECRET}.aside")
    machine.apt_get("install", "--reinstall", "/root/evrelay.deb")
    assert machine.inside(SECRET).read_text() != before
    assert stat(machine, SECRET) == "640 root evrelay-keys"
    machine.run("rm", f"{SECRET}.aside")


def test_the_process_is_in_the_group_that_may_read_and_in_no_other_one(service):
    number = service.machine.run("getent", "group", "evrelay-keys").stdout.split(":")[2]
    groups = service.process_status()["Groups"].split()
    own = service.process_status()["Gid"].split()[0]
    assert set(groups) - {own} == {number}


def test_a_key_made_by_the_command_holds_after_a_reload(service, camera):
    camera("door")
    pid = service.pid
    made = service.machine.run("evrelay", "key", "--rights", "view,observe", "--cameras", "*")
    key = made.stdout.strip()
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", key), made
    assert stat(service.machine, KEYS) == "640 root evrelay-keys"
    service.set(private="on")
    reload(service)
    assert get("/snapshot/door").status == 401
    assert get("/snapshot/door", bearer(key)).status == 200
    # Taken away again, it counts for nothing after the next reload.
    file = service.machine.inside(KEYS)
    file.write_text("".join(line for line in file.read_text().splitlines(True) if line.startswith("#")))
    reload(service)
    assert get("/snapshot/door", bearer(key)).status == 401
    assert service.pid == pid and not service.journal("reload failed")


def test_a_link_made_by_the_command_is_good_at_once(service, camera):
    camera("door")
    service.set(private="on")
    reload(service)
    made = service.machine.run(
        "evrelay", "link", "--camera", "door", "--rights", "view", "--for", "1h", "--as", "snapshot",
        "--public-url", "http://localhost:30333")
    address = made.stdout.strip()
    assert address.startswith("http://localhost:30333/snapshot/door?key="), made
    assert get(address.removeprefix("http://localhost:30333")).body.startswith(b"\xff\xd8")


def test_a_file_of_keys_that_others_may_read_ends_the_start_with_78_and_advice(service):
    service.machine.run("chmod", "644", KEYS)
    service.machine.systemctl("restart", UNIT, check=False)
    wait_until(lambda: service.state == "failed", 10, "the service to give up")
    assert service.show("ExecMainStatus") == "78"
    assert any("chmod" in entry["MESSAGE"] for entry in service.journal()), service.journal()[-3:]
    service.machine.run("chmod", "640", KEYS)
    service.start_anew()
    assert get("/readyz").status == 200


def test_certbot_s_hook_brings_certificates_to_the_service_without_a_restart(service, lineage):
    first = lineage()
    assert service.machine.run("env", f"RENEWED_LINEAGE={LINEAGE}", "sh", HOOK).stderr == ""
    assert stat(service.machine, f"{FOLDER}/{NAME}.key.pem") == "640 root evrelay-keys"
    service.set(tls_certificate=f"{FOLDER}/{NAME}.pem", tls_key=f"{FOLDER}/{NAME}.key.pem")
    service.restart()
    assert tls_get(first, "/readyz").status == 200 and is_served(first)
    # Whichever OpenSSL this Debian has, it leaves the encryption to the relay.
    wait_until(lambda: metrics()['evrelay_tls_connections_total{encrypted_by="evrelay"}'] == 2, 10, "who encrypts")
    assert metrics()['evrelay_tls_connections_total{encrypted_by="openssl"}'] == 0
    pid = service.pid
    renewed = lineage()
    service.machine.run("env", f"RENEWED_LINEAGE={LINEAGE}", "sh", HOOK)
    wait_until(lambda: is_served(renewed), 10, "the renewed certificate")
    assert service.pid == pid


def drop_in(service, unit: str, text: str):
    path = service.machine.inside(f"/etc/systemd/system/{unit}.d/override.conf")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    service.machine.systemctl("daemon-reload")
    return path


def test_credentials_that_systemd_loads_need_no_copy_and_no_group(service, lineage):
    pair = lineage()
    added = drop_in(service, UNIT, f"[Service]\nLoadCredential=tls-certificate:{LINEAGE}/fullchain.pem\n"
                                   f"LoadCredential=tls-key:{LINEAGE}/privkey.pem\n")
    try:
        service.set(tls_certificate="credential:tls-certificate", tls_key="credential:tls-key")
        service.restart()
        assert tls_get(pair, "/readyz").status == 200 and is_served(pair)
        # systemd loads them at a start: a reload serves what was loaded then, and a restart what is there now.
        renewed = lineage()
        reload(service)
        assert is_served(pair)
        service.restart()
        assert is_served(renewed)
    finally:
        added.unlink()
        service.machine.systemctl("daemon-reload")


def test_the_sockets_for_tls_are_off_until_they_are_enabled_and_then_outlive_a_restart(service, lineage):
    unit = "evrelay-tls.socket"
    assert service.machine.show(unit, "ActiveState", "UnitFileState") == {
        "ActiveState": "inactive", "UnitFileState": "disabled"}
    pair = lineage()
    service.machine.run("env", f"RENEWED_LINEAGE={LINEAGE}", "sh", HOOK)
    service.set(tls_certificate=f"{FOLDER}/{NAME}.pem", tls_key=f"{FOLDER}/{NAME}.key.pem", tls_listen="systemd")
    service.machine.systemctl("enable", unit)
    try:
        service.machine.systemctl("restart", SOCKET, UNIT)
        assert tls_get(pair, "/readyz").status == 200 and get("/readyz").status == 200
        pid = service.pid
        service.restart()
        assert tls_get(pair, "/readyz").status == 200
        assert service.pid != pid
        # Both ports close together.
        service.machine.systemctl("stop", SOCKET)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", TLS_PORT), 5)
        service.machine.systemctl("start", SOCKET, UNIT)
        assert tls_get(pair, "/readyz").status == 200
    finally:
        service.machine.systemctl("disable", "--now", unit)


def test_a_self_signed_certificate_is_made_in_the_service_s_own_folder_and_kept(service):
    service.set(tls_self_signed="on")
    service.restart()
    fingerprint = service.journal("certificate")[-1]["EVRELAY_FINGERPRINT"]
    folder = "/var/lib/private/evrelay"
    for name in ("tls-certificate.pem", "tls-key.pem"):
        wait_until(lambda name=name: service.machine.inside(f"{folder}/{name}").exists(), 10, name)
    assert service.machine.run("stat", "--format=%a", f"{folder}/tls-key.pem").stdout.strip() == "600"
    assert service.machine.run("stat", "--format=%a", folder).stdout.strip() == "700"
    # It vouches for itself.
    own = service.machine.inside(f"{folder}/tls-certificate.pem")
    pair = Pair(own, own, own)
    before = served_certificate(pair)
    service.restart()
    assert service.journal("certificate")[-1]["EVRELAY_FINGERPRINT"] == fingerprint
    assert served_certificate(pair) == before
    with Wire(TLSPort(TLS_PORT, pair.context())) as wire:
        wire.upload(pictures.numbered(1), "door")
        assert wire.response("POST").status == 200
