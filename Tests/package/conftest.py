# SPDX-License-Identifier: MIT
"""Fixtures: the built package, unpacked, and what `make install` lays out."""

import os
import pathlib
import subprocess

import pytest

from package import Package
from settings import REPOSITORY


@pytest.fixture(scope="session")
def package(tmp_path_factory) -> Package:
    """The Debian package of this version that `make deb` built."""
    return Package(tmp_path_factory.mktemp("package"))


def make(*arguments: str) -> str:
    """`make` as an administrator types it, without what an outer make hands down."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    made = subprocess.run(
        ["make", *arguments], cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        env=inherited)
    assert made.returncode == 0, made.stdout + made.stderr
    return made.stdout


def files_below(folder: pathlib.Path) -> set[str]:
    """Every file below a folder, by its path from there, with a slash before it."""
    return {f"/{path.relative_to(folder)}" for path in folder.rglob("*") if not path.is_dir()}
