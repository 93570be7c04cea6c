# SPDX-License-Identifier: MIT
"""The documents tell the truth: what they say to type is typed here, as it stands."""

import re
import shlex
import subprocess

import pytest

import pictures
from relay import run_binary
from settings import REPOSITORY
from viewer import Uploader

PROTOCOL = (REPOSITORY / "docs/protocol.md").read_text()
# Behind each curl line stands the status that it answers.
COMMANDS = re.findall(r"^(curl .+?)  # (\d{3})$", PROTOCOL, re.MULTILINE)


@pytest.fixture(scope="module")
def documented():
    """A relay with the flags of docs/protocol.md, a moving camera `default`, and what its first lines make. Whoever tries
    the lines out is one publisher, so the camera calls itself curl, too."""
    from conftest import running_relay
    words = shlex.split(re.search(r"^evrelay (--allow-origin .+)$", PROTOCOL, re.MULTILINE).group(1))
    assert words.count("--allow-origin") == 4, words
    with running_relay(*words) as relay:
        version = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        camera = Uploader(relay.port, fields=(f"User-Agent: curl/{version}",))
        relay.upload(pictures.numbered(1), "door")
        yield relay
        camera.stop()
        camera.check_undisturbed()


def substituted(line: str, relay) -> list[str]:
    words = [word.replace("localhost:30333", f"localhost:{relay.port}") for word in shlex.split(line)]
    assert words != shlex.split(line), f"not a line for localhost:30333: {line}"
    return words


def test_every_curl_line_names_its_status():
    assert len(COMMANDS) == len(re.findall(r"^\s*curl ", PROTOCOL, re.MULTILINE)) >= 30


def test_the_test_picture_and_the_streaming_upload(documented, tmp_path):
    lines = re.findall(r"^ffmpeg .+$", PROTOCOL, re.MULTILINE)
    assert len(lines) == 2
    subprocess.run(shlex.split(lines[0]), cwd=tmp_path, stdin=subprocess.DEVNULL, check=True, timeout=60)
    assert (tmp_path / "frame.jpg").read_bytes()[:2] == b"\xff\xd8"
    subprocess.run(substituted(lines[1], documented), stdin=subprocess.DEVNULL, check=True, timeout=60)
    assert documented.camera("test")["width"] == 640


@pytest.mark.parametrize(("line", "status"), COMMANDS, ids=[line for line, _ in COMMANDS])
def test_a_curl_line_runs_as_it_stands(documented, tmp_path, line, status):
    (tmp_path / "frame.jpg").write_bytes(pictures.picture())
    done = subprocess.run(
        [*substituted(line, documented), "--silent", "--show-error", "--write-out", "%{stderr}%{http_code}"],
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert done.returncode == 0, done
    assert done.stderr.decode() == status, done
    for picture in tmp_path.glob("*.jpg"):
        data = picture.read_bytes()
        assert data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9", f"{picture.name}: {data[:200]!r}"


def test_every_flag_is_documented():
    flags = set(re.findall(r"^ +(--[a-z][a-z-]+)", run_binary("--help").stdout, re.MULTILINE)) - {"--help", "--version"}
    assert len(flags) >= 20, flags
    configuration = (REPOSITORY / "docs/configuration.md").read_text()
    headings = set(re.findall(r"^#+ .*?(--[a-z][a-z-]+)", configuration, re.MULTILINE))
    assert flags == headings, f"only in --help: {flags - headings}; only in the document: {headings - flags}"


@pytest.mark.parametrize(
    "document", ["README.md", "README.ru.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/protocol.md"])
def test_flags_words_and_links_in_documents_exist(document):
    text = (REPOSITORY / document).read_text()
    flags = set(re.findall(r"`(--[a-z][a-z-]*[a-z])[` ]", text))
    known = {flag for command in ([], ["key"], ["link"], ["secret"], ["certificate"])
             for flag in re.findall(r"--[a-z][a-z-]+", run_binary(*command, "--help").stdout)}
    assert flags <= known, flags - known
    words = set(re.findall(r"\bmake ([a-z][a-z-]+)`", text))
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert words <= targets, words - targets
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (REPOSITORY / document).parent.joinpath(link).exists(), f"{document} links to {link}"


def test_the_configuration_file_of_the_reference_is_valid_and_checked_as_shown(tmp_path):
    reference = (REPOSITORY / "docs/configuration.md").read_text()
    path = tmp_path / "evrelay.conf"
    path.write_text(re.search(r"^```sh\n(.+?)^```$", reference, re.MULTILINE | re.DOTALL).group(1))
    shown = re.search(r"^\$ evrelay --config (\S+) --check\n(.+?)^```$", reference, re.MULTILINE | re.DOTALL)
    done = run_binary("--config", str(path), "--check")
    assert done.stdout == shown.group(2).replace(shown.group(1), str(path)), done


def test_the_messages_of_the_reference_are_those_of_the_program(tmp_path):
    path = tmp_path / "evrelay.conf"
    path.write_text("\n" * 11 + "EVRELAY_THREADS=x\n")
    reference = (REPOSITORY / "docs/configuration.md").read_text()
    shown = re.findall(r"^Error: wrong value: .+$", reference, re.MULTILINE)
    for line, flags in zip(shown, (["--threads", "x"], ["--config", str(path)]), strict=True):
        said = run_binary(*flags).stderr.splitlines()[0]
        assert said.replace(str(path), "/etc/evrelay/evrelay.conf") == line
