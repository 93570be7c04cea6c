# SPDX-License-Identifier: MIT
"""A small Debian that systemd has booted, and what an administrator types into it."""

import json
import pathlib
import shutil
import signal
import subprocess

from waiting import wait_until

PORT = 30333
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}


class Machine:
    """One booted system with a file tree of its own. It shares the tests' network, which is a loopback interface."""

    def __init__(self, tree: pathlib.Path, scratch: pathlib.Path):
        self._root = scratch / "root"
        subprocess.run(["cp", "--archive", "--reflink=auto", str(tree), str(self._root)], check=True, timeout=60)
        self._console = (scratch / "console.log").open("wb")
        # Without a machine registry and a unit of its own, it boots where systemd is not the first process, too.
        self._nspawn = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--link-journal=no", "--console=pipe",
             "--machine=evrelay", "-D", str(self._root), "-b"],
            stdin=subprocess.DEVNULL, stdout=self._console, stderr=self._console, env=_ENVIRONMENT)
        try:
            self._init = wait_until(self._find_init, 20, f"the system's first process; see {self._console.name}")
            wait_until(self._has_booted, 60, "the system's boot")
        except BaseException:
            self.end()
            raise

    def _find_init(self) -> int | None:
        assert self._nspawn.poll() is None, pathlib.Path(self._console.name).read_text(errors="replace")
        children = pathlib.Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        for child in map(int, children):
            if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return child
        return None

    def _has_booted(self) -> bool:
        state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        assert state != "degraded", self.run("systemctl", "--failed", "--no-pager").stdout
        return state == "running"

    def command(self, *arguments: str) -> list[str]:
        """The command line, for this side, that runs a program in there."""
        return ["nsenter", f"--target={self._init}", "--mount", "--uts", "--ipc", "--pid", "--", *arguments]

    def run(self, *arguments: str, check: bool = True, timeout: float = 60) -> subprocess.CompletedProcess:
        done = subprocess.run(
            self.command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            env=_ENVIRONMENT, timeout=timeout)
        assert not check or done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def apt_get(self, *arguments: str) -> str:
        """apt-get as a script types it; what it says. Settings that were changed by hand are kept."""
        done = self.run("apt-get", "--yes", "--option", "Dpkg::Use-Pty=0",
                        "--option", "Dpkg::Options::=--force-confdef", "--option", "Dpkg::Options::=--force-confold",
                        *arguments, timeout=90)
        return done.stdout + done.stderr

    def systemctl(self, *arguments: str, check: bool = True) -> str:
        return self.run("systemctl", "--no-pager", *arguments, check=check).stdout.strip()

    def show(self, unit: str, *properties: str) -> dict[str, str]:
        """The named properties of a unit."""
        lines = self.systemctl("show", unit, f"--property={','.join(properties)}").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def journal(self, *arguments: str) -> list[dict]:
        """The journal's entries as it keeps them, oldest first."""
        lines = self.run("journalctl", "--no-pager", "--output=json", *arguments).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def inside(self, path: str) -> pathlib.Path:
        """A file of that system, its own mounts included, as a path on this side."""
        return pathlib.Path(f"/proc/{self._init}/root{path}")

    def end(self):
        """Shuts the system down, and takes it by force if it does not."""
        self._nspawn.send_signal(signal.SIGTERM)
        try:
            self._nspawn.wait(20)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()
        self._console.close()
        shutil.rmtree(self._root, ignore_errors=True)
