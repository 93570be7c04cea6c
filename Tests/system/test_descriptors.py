# SPDX-License-Identifier: MIT
"""Few file descriptors: the relay goes on, without spinning, and serves again when there are some."""

import contextlib
import socket

import pictures
from settings import PATIENCE
from viewer import Uploader
from waiting import stays_true, wait_until


def test_a_limit_of_64_descriptors_neither_ends_nor_spins_the_relay(start_relay):
    relay = start_relay(descriptors=64, expected_problems=(r"descriptor", r"[Tt]oo many open files"))
    relay.upload(pictures.numbered(1))
    before = relay.descriptors()
    uploader = Uploader(relay.port)
    idle = []
    try:
        for _ in range(200):
            probe = socket.socket()
            probe.setblocking(False)
            probe.connect_ex(("127.0.0.1", relay.port))
            idle.append(probe)
        # Who says nothing makes room for the next one; viewers stay.
        for probe in idle:
            with contextlib.suppress(OSError):
                probe.send(b"GET /stream/other HTTP/1.1\r\nHost: localhost\r\n\r\n")
        # Of the 64, about ten are pipes, which are not counted.
        wait_until(lambda: relay.descriptors() >= 45, what="the descriptors are used up")
        cpu, count = relay.cpu_seconds(), uploader.count
        stays_true(lambda: relay.is_running, 2)
        assert relay.cpu_seconds() - cpu < 0.4 * PATIENCE, "the relay spins while it cannot accept"
        assert uploader.count > count, "who was connected is no longer served"
        uploader.check_undisturbed()
    finally:
        for probe in idle:
            probe.close()
        uploader.stop()
    wait_until(lambda: relay.descriptors() <= before + 2, what="the descriptors come back")
    # Connections that were waiting to be accepted are taken, found closed and let go first.
    wait_until(lambda: relay.get("/healthz").status == 200, what="the relay serves again")
    assert len(relay.log_lines(r"(?i)descriptor|too many open files")) <= 20, relay.lines
