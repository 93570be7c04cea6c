# SPDX-License-Identifier: MIT
"""docs/operations.md tells the truth: its commands print what it says, and its tables name what there is."""

import re
import subprocess

import pytest

import documents
import pictures
import proxies
from conftest import running_relay
from settings import BINARY, REPOSITORY
from viewer import Stream, Uploader

MANUAL = (REPOSITORY / "docs/operations.md").read_text()
COMMANDS = documents.commands(MANUAL)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A folder to work in, and a relay on the port that the manual names, in a network of the test's own."""
    folder = tmp_path_factory.mktemp("manual")
    (folder / "evrelay").symlink_to(BINARY)
    (folder / "now.jpg").write_bytes(pictures.picture())
    (folder / "evrelay.conf").write_text("# as installed\n")
    with proxies.own_network(), running_relay(listen="") as relay:
        assert relay.port == 30333
        camera = Uploader(relay.port, "door")
        yield folder
        camera.stop()
        camera.check_undisturbed()


@pytest.mark.parametrize(("command", "printed"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_a_command_prints_what_the_manual_says(served, command, printed):
    documents.check(command.replace("/etc/evrelay/evrelay.conf", "evrelay.conf"), printed, served)


def test_the_checklist_is_as_long_as_it_should_be():
    assert len(COMMANDS) >= 11
    assert all(f"**{number}. " in MANUAL for number in range(1, 9))


def test_a_second_relay_is_made_by_the_lines_of_the_manual(tmp_path):
    """Each file is copied and changed as it is in the package; only the folders are others."""
    section = MANUAL.split("\n## Several relays on one machine\n", 1)[1]
    lines = [line for line in re.search(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL).group(1).splitlines()
             if not line.startswith(documents.NEED_A_BOOTED_SYSTEM)]
    places = {"/lib/systemd/system": REPOSITORY / "systemd", "/etc/systemd/system": tmp_path, "/etc/evrelay": tmp_path}
    (tmp_path / "evrelay.conf").write_text("")
    for line in lines:
        for there, here in places.items():
            line = line.replace(there, str(here))
        subprocess.run(["bash", "-c", line], check=True, timeout=60)
    service, sockets = (tmp_path / "evrelay-yard.service").read_text(), (tmp_path / "evrelay-yard.socket").read_text()
    assert "Requires=evrelay-yard.socket\n" in service and "/yard.conf\n" in service
    assert not re.search(r"evrelay\.(socket|conf)", service)
    assert "\nStateDirectory=evrelay-yard\n" in service
    assert re.search(r"^ListenStream=.*\b30334$", sockets, re.MULTILINE) and "30333" not in sockets


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    section = MANUAL.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")]
            for line in re.findall(r"^\|.*\|$", section, re.MULTILINE)[2:]]


def test_limits_are_named_and_their_defaults_are_left_to_the_reference():
    configuration = (REPOSITORY / "docs/configuration.md").read_text()
    flags = [row[0] for row in rows("Limits") if row[0].startswith("`--")]
    assert len(flags) == len(re.findall(r"^### `--(?:max|frame-memory|answer-memory)", configuration, re.MULTILINE)) - 1
    for flag in flags:
        name = re.fullmatch(r"`(--[a-z-]+)`", flag).group(1)
        assert re.search(rf"^### `{name} \S+`\n\nDefault \S+ ·", configuration, re.MULTILINE), flag


def test_every_refusal_is_explained():
    explained = {reason for row in rows("Refusals") for reason in re.findall(r"`([a-z-]+)`", row[0])}
    protocol = (REPOSITORY / "docs/protocol.md").read_text()
    table = protocol.split("| status | reasons |", 1)[1].split("\n\n", 1)[0]
    answered = {reason for line in table.splitlines() for reason in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", line)}
    # What only says how to ask, and what nobody meets by chance.
    answered -= {"method-not-allowed", "expectation-failed", "http-version", "frame-too-old", "body-too-large",
                 "upgrade-required", "websocket-version"}
    assert answered - explained == set(), answered - explained


def test_lines_of_the_journal_are_as_described():
    """Every line that this relay writes is in the table, and has the values that the table names."""
    known = {event: set(re.findall(r"`([a-z.]+)`", row[1]))
             for row in rows("The journal") for event in re.findall(r"`([^`]+)`", row[0])}
    times = [text for name in ("stale", "offline", "forget") for text in (f"--{name}-after", "1s")]
    with running_relay(*times, "--trusted-proxy", "127.0.0.1") as relay:
        relay.upload(pictures.numbered(1), "door")
        with relay.connect() as wire:
            Stream(wire, "/stream/door").frame()
        relay.get("/", "X-Forwarded-For: 192.0.2.7")
        relay.get("/nothing")
        relay.wait_for_line("camera forgotten")
        relay.stop()
        values = {}
        for line in relay.lines:
            event, rest = re.fullmatch(r"\S+ [a-z]+ ([a-z ]+?)((?: [a-z.-]+=.*)?)", line).groups()
            values.setdefault(event, set()).update(re.findall(r" ([a-z.-]+)=", rest))
    assert set(values) <= set(known), set(values) - set(known)
    assert known["viewer left"] == values["viewer left"] | values["viewer joined"]
    assert known["request"] == values["request"]
    assert known["camera offline"] - {"offline"} == values["camera offline"]
    assert known["refused"] - {"more"} == values["refused"]
