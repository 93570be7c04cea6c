# SPDX-License-Identifier: MIT
"""The installed service: its state as systemd tells it, its settings, its journal."""

import pathlib
import re
import socket

from machine import PORT, Machine
from waiting import wait_until
from wire import Response, Wire

UNIT = "evrelay.service"
SOCKET = "evrelay.socket"


def get(target: str, *fields: str) -> Response:
    with Wire(PORT) as wire:
        wire.request("GET", target, "Connection: close", *fields)
        return wire.response()


def is_ready_at(family: socket.AddressFamily, address) -> bool:
    """Whether the service answers at this address."""
    with socket.socket(family) as connection:
        connection.settimeout(10)
        connection.connect(address)
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return connection.recv(100).startswith(b"HTTP/1.1 200 ")


def metrics() -> dict[str, float]:
    """Every sample of /metrics under its name with labels."""
    lines = get("/metrics").body.decode().splitlines()
    samples = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, value in samples}


class Service:
    def __init__(self, machine: Machine):
        self.machine = machine
        self.settings = machine.inside("/etc/evrelay/evrelay.conf")

    def show(self, name: str) -> str:
        return self.machine.show(UNIT, name)[name]

    @property
    def state(self) -> str:
        return self.show("ActiveState")

    @property
    def pid(self) -> int:
        return int(self.show("MainPID"))

    @property
    def restarts(self) -> int:
        """How often systemd has restarted it by itself."""
        return int(self.show("NRestarts"))

    def process_status(self) -> dict[str, str]:
        lines = self.machine.run("cat", f"/proc/{self.pid}/status").stdout.splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def listening_sockets(self) -> set[str]:
        """The inode numbers of the sockets that listen on the service's port, which is all that tells one from another."""
        found = set()
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            for line in pathlib.Path(table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[1].endswith(f":{PORT:04X}") and columns[3] == "0A":
                    found.add(columns[9])
        return found

    def set(self, **values: str | int):
        """Writes settings, each in the place the file has for it: `set(max_viewers=3)` is EVRELAY_MAX_VIEWERS=3."""
        text = self.settings.read_text()
        for name, value in values.items():
            variable = f"EVRELAY_{name.upper()}"
            text, count = re.subn(rf"(?m)^[#;]? ?{variable}=.*$", f"{variable}={value}", text)
            assert count == 1, f"{self.settings} has {count} lines for {variable}"
        self.settings.write_text(text)

    def restart(self):
        self.machine.systemctl("restart", UNIT)

    def reload(self):
        self.machine.systemctl("reload", UNIT)

    def start_anew(self):
        """Stops everything, forgets past failures, and starts it as at boot."""
        self.machine.systemctl("stop", SOCKET, UNIT)
        self.machine.systemctl("reset-failed", SOCKET, UNIT, check=False)
        self.machine.systemctl("start", SOCKET, UNIT)

    def wait_until_ready(self):
        wait_until(lambda: self.state == "active", 20, "the service to be active")

    def journal(self, event: str | None = None) -> list[dict]:
        """Its entries, or those whose event begins so."""
        entries = self.machine.journal(f"--unit={UNIT}")
        return [entry for entry in entries if event is None or entry.get("EVRELAY_EVENT", "").startswith(event)]
