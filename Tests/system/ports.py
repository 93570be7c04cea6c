# SPDX-License-Identifier: MIT
"""Ports for programs that have to be told which one is theirs."""

import pathlib
import random
import socket

_LOWEST = 20_000
_KERNEL_S = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port that is free on every address: Caddy listens on all of them. It is none of those that the kernel gives to
    connections, one of which could take it, or leave it behind in TIME_WAIT, before the program is there."""
    end = int(_KERNEL_S.read_text().split()[0])
    for _ in range(100):
        port = random.SystemRandom().randrange(_LOWEST, end)
        with socket.socket(socket.AF_INET6) as probe:
            try:
                probe.bind(("::", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"no free port from {_LOWEST} to {end}")
