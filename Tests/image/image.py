# SPDX-License-Identifier: MIT
"""The built image: its archives, its configuration, and its files as umoci unpacks them."""

import json
import pathlib
import subprocess

from settings import REPOSITORY

FOLDER = REPOSITORY / ".build-image"
USER = 30333


def output(*command: str) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


class Image:
    """What `docker load` reads, unpacked into a folder of the test's own."""

    def __init__(self, scratch: pathlib.Path):
        self.docker_archive = self._one("evrelay_*.docker.tar")
        self.oci_archive = self._one("evrelay_*.oci.tar")
        layout = scratch / "layout"
        output("skopeo", "copy", "--quiet", f"docker-archive:{self.docker_archive}:evrelay:latest",
               f"oci:{layout}:latest")
        self.bundle = scratch / "bundle"
        output("umoci", "unpack", "--image", f"{layout}:latest", str(self.bundle))
        self.root = self.bundle / "rootfs"

    @staticmethod
    def _one(pattern: str) -> pathlib.Path:
        found = list(FOLDER.glob(pattern))
        assert len(found) == 1, f"{FOLDER / pattern}: {found}; `make image` makes it"
        return found[0]

    def configuration(self) -> dict:
        """The configuration in Docker's format, with what OCI's has no field for."""
        source = f"docker-archive:{self.docker_archive}:evrelay:latest"
        return json.loads(output("skopeo", "inspect", "--config", "--raw", source))

    def specification(self) -> dict:
        """What umoci makes of the configuration for a runtime."""
        return json.loads((self.bundle / "config.json").read_text())

    def file(self, path: str) -> pathlib.Path:
        return self.root / path.lstrip("/")
