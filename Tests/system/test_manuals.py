# SPDX-License-Identifier: MIT
"""What administrators read about safety can be typed as it stands, and leads to what there is."""

import re
import shutil

import pytest

import documents
import proxies
from conftest import running_relay
from relay import run_binary
from settings import BINARY, REPOSITORY

DOCUMENTS = ["docs/operations.md", "docs/proxies.md", "docs/monitoring/README.md", "docs/tls.md", "docs/security.md",
             "docs/installation.md", "docs/containers.md"]
TLS = (REPOSITORY / "docs/tls.md").read_text()
COMMANDS = documents.commands(TLS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    folder = (REPOSITORY / document).parent
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", (REPOSITORY / document).read_text())
    assert links
    for path, place in links:
        target = folder / path if path else REPOSITORY / document
        assert target.exists(), path
        headings = [documents.anchor(heading) for heading in re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)]
        assert not place or place in headings, f"{path}#{place}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_flags_exist(document):
    flags = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)`", (REPOSITORY / document).read_text()))
    known = set(re.findall(r"--[a-z][a-z-]+", run_binary("--help").stdout))
    assert flags and flags <= known, flags - known


@pytest.fixture(scope="module")
def served(tmp_path_factory, authority):
    """A folder with a certificate, and a relay that serves it on the ports that the manual names, in a network of the
    test's own."""
    folder = tmp_path_factory.mktemp("manual")
    (folder / "evrelay").symlink_to(BINARY)
    pair = authority.local()
    names = {"fullchain.pem": pair.certificate, "privkey.pem": pair.key, "authority.pem": pair.authority}
    for name, path in names.items():
        shutil.copy(path, folder / name)
    # Without an address of its own for TLS: what opens is what the manual says.
    with proxies.own_network(), running_relay(*pair.flags, listen="") as relay:
        assert relay.port == 30333
        yield folder


@pytest.mark.parametrize(("command", "printed"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_a_command_prints_what_the_manual_of_tls_says(served, command, printed):
    documents.check(command, printed, served)


def test_there_is_something_to_type():
    assert len(COMMANDS) >= 3


def test_every_pair_of_settings_in_the_manual_of_tls_is_valid(tmp_path, authority):
    """Each as a file of its own, with a pair where it names one."""
    blocks = re.findall(r"^```ini\n(EVRELAY_.*?)^```$", TLS, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        pair = authority.local()
        text = re.sub(r"(?<=_CERTIFICATE=).*", str(pair.certificate), block)
        file = tmp_path / "evrelay.conf"
        file.write_text(re.sub(r"(?<=_KEY=).*", str(pair.key), text))
        done = run_binary("--check", "--config", str(file))
        assert done.returncode == 0 and "--tls-certificate" in done.stdout, done


def test_the_manual_of_security_names_limits_of_the_reference():
    """Without their defaults, which stand in the reference alone."""
    text = (REPOSITORY / "docs/security.md").read_text()
    configuration = (REPOSITORY / "docs/configuration.md").read_text()
    section = text.split("\n## Limits and their flags\n", 1)[1].split("\n## ", 1)[0]
    named = re.findall(r"`(--[a-z-]+)`", section)
    assert len(named) >= 7 and not re.search(r"`--[a-z-]+` \d", section)
    for name in named:
        assert re.search(rf"^### `{name} \S+`\n\nDefault \S+ ·", configuration, re.MULTILINE), name
