# SPDX-License-Identifier: MIT
"""A machine with Docker, as far as the commands of docs/containers.md need one: named volumes, and `docker run` as it is
typed, carried out by crun."""

import pathlib
import shlex
import subprocess

from container import Container, Mount, Network, Setup
from image import Image, output

# What changes nothing here: every container has a network of its own, ends with its test, and is run without privileges.
_IGNORED = {"--rm", "--detach", "--read-only"}
_IGNORED_WITH_VALUE = {"--publish", "--name", "--cap-drop", "--security-opt", "--ulimit", "--memory", "--pids-limit"}


class Machine:
    def __init__(self, image: Image, network: Network, scratch: pathlib.Path):
        self.image = image
        self._network = network
        self._scratch = scratch
        self._containers: list[Container] = []

    def volume(self, name: str, target: str) -> pathlib.Path:
        """A named volume. As with Docker a new one has what the image has at its first place, with owners and modes."""
        folder = self._scratch / "volumes" / name
        if not folder.exists():
            folder.parent.mkdir(exist_ok=True)
            output("cp", "--archive", str(self.image.file(target)), str(folder))
        return folder

    def mount(self, text: str) -> Mount:
        """`NAME:TARGET[:ro]` or `/PATH:TARGET[:ro]`."""
        source, target, *options = text.split(":")
        folder = pathlib.Path(source) if source.startswith("/") else self.volume(source, target)
        assert options in ([], ["ro"]), text
        return Mount(folder, target, bool(options))

    def setup(self, line: str) -> Setup:
        """What a line that begins with `docker run` asks for. An option that is not known here fails the test."""
        words = shlex.split(line)
        assert words[:2] == ["docker", "run"], line
        setup, rest = Setup(), iter(words[2:])
        for word in rest:
            if word == "evrelay":
                setup.arguments = tuple(rest)
            elif word == "--volume":
                setup.mounts.append(self.mount(next(rest)))
            elif word == "--env":
                name, _, value = next(rest).partition("=")
                setup.environment[name] = value
            elif word in _IGNORED_WITH_VALUE:
                next(rest)
            else:
                assert word in _IGNORED, f"{word} in {line}"
        return setup

    def start(self, setup: Setup | str = "docker run evrelay") -> Container:
        """A container whose program serves."""
        container = self._make(setup)
        container.wait_for_line(r"\blistening\b")
        return container

    def run(self, setup: Setup | str) -> subprocess.CompletedProcess:
        """A container whose program ends by itself: what it said, and its exit status."""
        container = self._make(setup)
        said = container.process.stdout.read()
        status = container.wait()
        return subprocess.CompletedProcess(setup, status, said, "\n".join(container.lines))

    def _make(self, setup: Setup | str) -> Container:
        made = self.setup(setup) if isinstance(setup, str) else setup
        container = Container(self.image, self._scratch, self._network, made)
        self._containers.append(container)
        return container

    def close(self):
        """Ends what its test did not end."""
        for container in self._containers:
            container.stop()
