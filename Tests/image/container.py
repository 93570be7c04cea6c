# SPDX-License-Identifier: MIT
"""Containers of the image, run by crun as Docker runs them: a network behind a bridge's address, volumes, a read-only
root, no capabilities.

Control groups are left out (`--cgroup-manager=disabled`): whether they can be made depends on the machine. So limits of
memory and of processes are not tested here.
"""

import dataclasses
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import ssl
import subprocess
import threading

from image import USER, Image, output
from waiting import wait_until
from wire import RemotePort, TLSPort, Wire

# As Docker's bridge and the first container behind it.
GATEWAY, ADDRESS = "172.17.0.1", "172.17.0.2"
# `--ulimit nofile=65536`, or what the machine allows.
DESCRIPTORS = min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1])


@dataclasses.dataclass
class Mount:
    """A folder or file of the machine, at a place in the container."""

    source: pathlib.Path
    target: str
    is_read_only: bool = False


@dataclasses.dataclass
class Setup:
    """What follows `docker run`."""

    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    mounts: list[Mount] = dataclasses.field(default_factory=list)


class Network:
    """A network namespace that a pair of interfaces connects with the tests' own. It lasts as long as a process in it."""

    def __init__(self):
        self._holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.path = f"/proc/{self._holder.pid}/ns/net"
        own = os.readlink("/proc/self/ns/net")
        wait_until(lambda: os.readlink(self.path) != own, 20, "a network namespace")
        inside = f"nsenter --net={self.path} ip"
        for command in (
                f"ip link add bridge type veth peer name eth0 netns {self._holder.pid}",
                f"ip address add {GATEWAY}/16 dev bridge",
                "ip link set bridge up",
                f"{inside} address add {ADDRESS}/16 dev eth0",
                f"{inside} link set eth0 up",
                f"{inside} link set lo up",
                f"{inside} route add default via {GATEWAY}"):
            output(*command.split())

    def remove(self):
        self._holder.stdin.close()
        self._holder.wait(20)


class Container:
    """One container, from its start to its end. Its program is the first of a PID namespace, as with Docker."""

    _count = 0

    def __init__(self, image: Image, scratch: pathlib.Path, network: Network, setup: Setup):
        Container._count += 1
        self.name = f"evrelay-{Container._count}"
        self.lines: list[str] = []
        self._crun = ["crun", "--cgroup-manager=disabled", "--root", str(scratch / "crun")]
        bundle = scratch / self.name
        bundle.mkdir()
        # Mounts may need places of their own, which no other container shall see.
        output("cp", "--archive", "--link", str(image.root), str(bundle / "rootfs"))
        self._bundle = bundle
        (bundle / "config.json").write_text(json.dumps(self._specification(image, network, setup)))
        self.process = subprocess.Popen(
            [*self._crun, "run", "--bundle", str(bundle), self.name], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        self.port = RemotePort(30333, ADDRESS)

    @staticmethod
    def _specification(image: Image, network: Network, setup: Setup) -> dict:
        made = image.specification()
        process = made["process"]
        process["terminal"] = False
        process["args"] += setup.arguments
        process["env"] += [f"{name}={value}" for name, value in setup.environment.items()]
        process["capabilities"] = {
            kind: [] for kind in ("bounding", "effective", "inheritable", "permitted", "ambient")}
        process["noNewPrivileges"] = True
        process["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": DESCRIPTORS, "hard": DESCRIPTORS}]
        made["root"]["readonly"] = True
        # umoci lays an empty memory over each volume of the image, and control groups are not used.
        hidden = set(image.configuration()["config"]["Volumes"]) | {"/sys/fs/cgroup"}
        made["mounts"] = [mount for mount in made["mounts"] if mount["destination"] not in hidden]
        made["mounts"] += [
            {"destination": mount.target, "type": "bind", "source": str(mount.source),
             "options": ["rbind", "nosuid", "nodev", "ro" if mount.is_read_only else "rw"]}
            for mount in setup.mounts]
        made["linux"]["namespaces"] = [
            *({"type": kind} for kind in ("pid", "ipc", "uts", "mount")), {"type": "network", "path": network.path}]
        return made

    def _read_log(self):
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def wait_for_line(self, pattern: str) -> str:
        """Waits until a line of standard error matches, and returns it."""
        def seen():
            found = [line for line in list(self.lines) if re.search(pattern, line)]
            assert found or self.process.poll() is None, f"the container ended: {self.lines}"
            return found
        return wait_until(seen, 20, f"a log line like {pattern!r}; so far {self.lines}")[-1]

    def tls_port(self, context: ssl.SSLContext) -> TLSPort:
        return TLSPort(30443, context, ADDRESS)

    def get(self, target: str, *fields: str, host: str = "localhost", port: RemotePort | None = None):
        """One request from outside, on a connection of its own."""
        with Wire(port or self.port, host=host) as wire:
            wire.request("GET", target, *fields, "Connection: close")
            return wire.response()

    def upload(self, frame: bytes, camera: str = "", *fields: str, host: str = "localhost"):
        """One frame from outside, on a connection of its own."""
        with Wire(self.port, host=host) as wire:
            wire.upload(frame, camera, *fields)
            return wire.response("POST")

    def execute(self, *command: str) -> subprocess.CompletedProcess:
        """As `docker exec`, which takes the image's user."""
        return subprocess.run([*self._crun, "exec", "--user", f"{USER}:{USER}", self.name, *command], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30)

    @property
    def pid(self) -> int:
        """The program's, as the tests see it."""
        return json.loads(output(*self._crun, "state", self.name))["pid"]

    def signal(self, number: int):
        """As `docker kill --signal`."""
        os.kill(self.pid, number)

    def wait(self) -> int:
        status = self.process.wait(20)
        self._reader.join(5)
        return status

    def stop(self):
        """As `docker stop`; what is left of the container goes with it."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                assert self.wait() == 0, self.lines[-20:]
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
                self.process.wait(20)
                raise AssertionError(f"the container did not end on SIGTERM: {self.lines[-20:]}") from None
        self.close()

    def close(self):
        self._reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        subprocess.run([*self._crun, "delete", "--force", self.name], capture_output=True, timeout=30)
        shutil.rmtree(self._bundle, ignore_errors=True)
