# SPDX-License-Identifier: MIT
"""The pair that a machine signs itself, in a state folder of each test's own, and what the openssl program says of it."""

import os
import pathlib
import stat
import subprocess

import pytest

from relay import run_binary

CERTIFICATE, KEY, SECRET = "tls-certificate.pem", "tls-key.pem", "token-secret"


def openssl(*arguments: str, status: int | None = 0) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=30)
    assert status is None or done.returncode == status, done
    return done.stdout + done.stderr


@pytest.fixture
def state(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "state" / "evrelay"


@pytest.fixture
def surroundings(state: pathlib.Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(state.parent), "STATE_DIRECTORY": ""}


@pytest.fixture
def certificate(surroundings):
    """Runs `evrelay certificate`."""
    return lambda *arguments: run_binary("certificate", *arguments, extra=surroundings)


def mode(path: pathlib.Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def fingerprint(path: pathlib.Path) -> str:
    return openssl("x509", "-in", str(path), "-noout", "-fingerprint", "-sha256").strip().split("=")[1]


def short_lived_pair(state: pathlib.Path, days: int):
    state.mkdir(parents=True, exist_ok=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(days),
            "-subj", "/CN=old", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(state / KEY), "-out",
            str(state / CERTIFICATE))
