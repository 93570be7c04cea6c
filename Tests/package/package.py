# SPDX-License-Identifier: MIT
"""The built package: its fields, its files, its scripts."""

import pathlib
import re
import subprocess

from settings import REPOSITORY

VERSION = re.search(
    r'current = "([^"]+)"', (REPOSITORY / "Sources/EvRelay/Settings/Version.swift").read_text()).group(1)


def output(*command: str) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


class Package:
    def __init__(self, scratch: pathlib.Path):
        architecture = output("dpkg", "--print-architecture").strip()
        self.path = REPOSITORY / f".build-deb/evrelay_{VERSION}_{architecture}.deb"
        assert self.path.exists(), f"{self.path} is not there; `make deb` makes it from packaging/debian/changelog"
        self.tree = scratch / "tree"
        self.control = scratch / "control"
        output("dpkg-deb", "--extract", str(self.path), str(self.tree))
        output("dpkg-deb", "--control", str(self.path), str(self.control))

    def field(self, name: str) -> str:
        return output("dpkg-deb", "--field", str(self.path), name).strip()

    def file(self, path: str) -> pathlib.Path:
        return self.tree / path.lstrip("/")

    def script(self, name: str) -> str:
        """A maintainer script, by its name."""
        return (self.control / name).read_text()
