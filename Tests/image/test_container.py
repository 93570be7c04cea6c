# SPDX-License-Identifier: MIT
"""The image as a container that others reach over a network: who may do what, health, log, TLS, restarts."""

import json
import pathlib
import re
import shutil
import signal

import pytest

import pictures
from container import Mount, Setup
from credentials import bearer, new_key, write_keys
from image import USER
from viewer import Uploader, Watcher

PUBLIC_NAME = "cam.example.org"


@pytest.fixture
def settings(machine):
    """A volume of settings with a key for publishing, made by the image itself, and the key."""
    made = machine.run("docker run --rm --volume settings:/etc/evrelay evrelay key --rights publish --cameras '*'")
    assert made.returncode == 0, made
    return "--volume settings:/etc/evrelay:ro", made.stdout.strip()


def status(container) -> dict[str, str]:
    """What the kernel says of the program."""
    text = pathlib.Path(f"/proc/{container.pid}/status").read_text()
    return dict(re.findall(r"^(\w+):[ \t]*(.*?)[ \t]*$", text, re.MULTILINE))


# --- rights

def test_without_a_key_everybody_may_watch_and_nobody_may_send(machine):
    container = machine.start()
    assert container.get("/").status == 200
    answer = container.upload(pictures.numbered(1))
    assert (answer.status, answer.json()["reason"]) == (403, "publishing-not-allowed")


def test_a_name_that_is_not_known_is_refused_until_it_is(machine):
    container = machine.start("docker run evrelay --open-publishing")
    assert container.upload(pictures.numbered(1)).status == 200
    answer = container.get("/snapshot", host=PUBLIC_NAME)
    assert (answer.status, answer.json()["reason"]) == (421, "unknown-host")
    assert container.get("/snapshot", host="192.168.1.5:30333").body == pictures.numbered(1)
    container.stop()
    for setting in (f"EVRELAY_ALLOW_HOST={PUBLIC_NAME}", f"EVRELAY_PUBLIC_URL=https://{PUBLIC_NAME}"):
        container = machine.start(f"docker run --env {setting} evrelay --open-publishing")
        assert container.upload(pictures.numbered(1), host=PUBLIC_NAME).status == 200
        container.stop()


def test_with_a_key_a_camera_sends_and_a_viewer_gets_every_byte(machine, settings):
    volume, key = settings
    container = machine.start(f"docker run {volume} evrelay")
    assert container.upload(pictures.numbered(1), "door").status == 401
    camera = Uploader(container.port, "door", fields=(bearer(key),))
    viewer = Watcher(container.port, "/stream/door")
    viewer.wait_for(20)
    camera.check_undisturbed()
    # It compares each frame with the one that was sent, byte for byte.
    viewer.check_undisturbed()
    assert pictures.number_of(container.get("/snapshot/door").body) > 1
    viewer.stop()
    camera.stop()


def test_a_key_that_is_added_counts_after_a_hangup(machine, settings):
    volume, _ = settings
    container = machine.start(f"docker run {volume} evrelay")
    added = machine.run(
        "docker run --rm --volume settings:/etc/evrelay evrelay key --rights publish --cameras door").stdout.strip()
    assert container.upload(pictures.numbered(1), "door", bearer(added)).status == 401
    container.signal(signal.SIGHUP)
    container.wait_for_line(r"\breloaded\b")
    assert container.upload(pictures.numbered(1), "door", bearer(added)).status == 200


@pytest.mark.parametrize(("owner", "mode", "words"), [(0, 0o600, "Permission denied"), (USER, 0o644, "chmod o-rwx")])
def test_a_file_of_keys_with_wrong_rights_is_told(machine, tmp_path, owner, mode, words):
    keys = write_keys(tmp_path / "keys", f"{new_key()} publish *")
    shutil.chown(keys, owner, owner)
    keys.chmod(mode)
    tmp_path.chmod(0o755)
    ended = machine.run(Setup(mounts=[Mount(tmp_path, "/etc/evrelay", is_read_only=True)]))
    assert ended.returncode == 78 and words in ended.stderr, ended


def test_the_volume_that_the_service_only_reads_takes_no_key_through_it(machine, settings):
    container = machine.start(f"docker run {settings[0]} evrelay")
    done = container.execute("/usr/bin/evrelay", "key", "--rights", "view", "--cameras", "*")
    assert done.returncode == 78 and "Read-only file system" in done.stderr, done


def test_links_are_signed_inside_and_hold_outside(machine):
    machine.run("docker run --rm --volume settings:/etc/evrelay evrelay secret --output /etc/evrelay/token-secret")
    container = machine.start(
        "docker run --volume settings:/etc/evrelay:ro --env EVRELAY_TOKEN_SECRET=/etc/evrelay/token-secret "
        f"--env EVRELAY_PUBLIC_URL=https://{PUBLIC_NAME} evrelay --private")
    assert container.get("/snapshot/door").status == 401
    done = container.execute("/usr/bin/evrelay", "link", "--camera", "door", "--rights", "view", "--for", "1h")
    assert done.stdout.startswith(f"https://{PUBLIC_NAME}/watch/door#key="), done
    token = done.stdout.strip().partition("#key=")[2]
    assert container.get("/snapshot/door", bearer(token)).json()["reason"] == "unknown-camera"


# --- the process

def test_it_is_nobody_who_may_do_nothing(machine):
    container = machine.start()
    seen = status(container)
    assert set(seen["Uid"].split()) == set(seen["Gid"].split()) == {str(USER)} and not seen["Groups"]
    assert {seen[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert seen["NoNewPrivs"] == "1"
    mounts = pathlib.Path(f"/proc/{container.pid}/mountinfo").read_text().splitlines()
    root = [line.split() for line in mounts if line.split()[4] == "/"]
    assert len(root) == 1 and "ro" in root[0][5].split(","), root
    done = container.execute("/usr/bin/evrelay", "secret", "--output", "/secret")
    assert done.returncode == 73 and "Read-only file system" in done.stderr, done


def test_the_log_is_standard_error_and_without_warnings(machine):
    container = machine.start()
    container.get("/")
    container.stop()
    assert container.lines and not [line for line in container.lines if re.search(r" (warning|error|critical) ", line)]


def test_a_log_for_programs_is_json_and_standard_output_stays_empty(machine):
    container = machine.start("docker run --env EVRELAY_LOG_FORMAT=json evrelay")
    container.signal(signal.SIGTERM)
    said = container.process.stdout.read()
    assert container.wait() == 0 and said == ""
    assert [json.loads(line)["message"] for line in container.lines][-1] == "stopped"


def test_a_stop_ends_streams_well_and_with_status_0(machine):
    container = machine.start("docker run evrelay --open-publishing")
    camera = Uploader(container.port, "door")
    viewer = Watcher(container.port, "/stream/door")
    viewer.wait_for(3)
    container.signal(signal.SIGTERM)
    assert container.wait() == 0
    viewer.stop()
    assert viewer.closed_well, viewer.failure
    camera.stop()


# --- health

def test_the_health_check_of_the_image_says_what_is(machine, image):
    check = image.configuration()["config"]["Healthcheck"]["Test"]
    assert check[0] == "CMD"
    container = machine.start()
    done = container.execute(*check[1:])
    assert done.returncode == 0 and done.stdout.startswith("healthy: http://127.0.0.1:30333/ is EvRelay "), done
    done = container.execute(*check[1:], "http://127.0.0.1:30333/elsewhere/")
    assert done.returncode == 1 and "it answers with status 404" in done.stderr, done
    container.signal(signal.SIGSTOP)
    try:
        done = container.execute(*check[1:])
    finally:
        container.signal(signal.SIGCONT)
    assert done.returncode == 69 and "no answer within 3 s" in done.stderr, done


def test_the_health_check_follows_the_containers_variables(machine):
    container = machine.start("docker run --env EVRELAY_LISTEN=127.0.0.1:8080 evrelay")
    done = container.execute("/usr/bin/evrelay", "probe")
    assert done.returncode == 0 and "http://127.0.0.1:8080/" in done.stdout, done


# --- TLS and state

def test_a_certificate_is_mounted_and_a_renewed_one_comes_with_a_hangup(machine, settings, authority, tmp_path):
    volume, key = settings
    folder = tmp_path / "tls"
    folder.mkdir(mode=0o755)

    def install():
        pair = authority.local()
        for source, name, mode in ((pair.certificate, "fullchain.pem", 0o644), (pair.key, "privkey.pem", 0o400)):
            shutil.copy(source, folder / f"{name}.new")
            shutil.chown(folder / f"{name}.new", USER)
            (folder / f"{name}.new").chmod(mode)
            (folder / f"{name}.new").rename(folder / name)
        return pair

    pair = install()
    container = machine.start(
        f"docker run {volume} --volume {folder}:/tls:ro --env EVRELAY_TLS_CERTIFICATE=/tls/fullchain.pem "
        "--env EVRELAY_TLS_KEY=/tls/privkey.pem evrelay")
    port = container.tls_port(pair.context())
    assert container.upload(pictures.numbered(1), "door", bearer(key)).status == 200
    assert container.get("/snapshot/door", port=port).body == pictures.numbered(1)
    watcher = Watcher(port, "/stream/door")
    watcher.wait_for(1)
    renewed = install()
    container.signal(signal.SIGHUP)
    digits = bytes.fromhex(renewed.fingerprint).hex(":").upper()
    container.wait_for_line(f"fingerprint={digits}")
    watcher.check_in_order()
    watcher.stop()


def test_what_a_container_has_made_is_there_after_a_restart(machine, settings):
    volume, key = settings
    line = f"docker run {volume} --volume state:/var/lib/evrelay --env EVRELAY_TLS_SELF_SIGNED=on evrelay"
    seen = []
    for _ in range(2):
        container = machine.start(line)
        seen.append(re.search(r"fingerprint=(\S+)", container.wait_for_line("fingerprint=")).group(1))
        assert container.upload(pictures.numbered(1), "door", bearer(key)).status == 200
        container.stop()
    assert seen[0] == seen[1]
    assert [each for each in container.lines if "certificate made" in each] == []


def test_a_trusted_proxy_names_the_client(machine):
    container = machine.start("docker run --env EVRELAY_TRUSTED_PROXY=172.17.0.0/16 evrelay")
    answer = container.get("/doctor/info", "X-Forwarded-For: 203.0.113.9").json()
    assert (answer["client"], answer["trusted"]) == ("203.0.113.9", True)
