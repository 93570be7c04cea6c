# SPDX-License-Identifier: MIT
"""Fixtures for the commands that make keys and links: files and surroundings of a test's own."""

import pathlib
import subprocess
import urllib.parse

import pytest

from relay import run_binary

SECRET = "s" * 32


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with a settings file and nothing else."""
    (tmp_path / "evrelay.conf").write_text("EVRELAY_PUBLIC_URL=https://cam.example.org/live\n")
    return tmp_path


@pytest.fixture
def run(folder: pathlib.Path):
    """Runs a command with the settings and the state of this test alone."""
    def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess:
        own = {"EVRELAY_CONFIG": str(folder / "evrelay.conf"), "XDG_STATE_HOME": str(folder / "state"),
               "STATE_DIRECTORY": ""}
        return run_binary(*arguments, extra=own | extra)
    return run


@pytest.fixture
def secret(folder: pathlib.Path) -> str:
    """The path of a secret for links."""
    path = folder / "secret"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return str(path)


def token(url: str) -> str:
    """What a link carries."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.parse_qs(parts.fragment or parts.query)["key"][0]
