# SPDX-License-Identifier: MIT
"""A relay that believes to run under systemd's journal."""

import os
import signal
import subprocess

from relay import environment
from settings import BINARY


class UnderJournal:
    """A relay whose standard error says to be the journal's, and which finds the test's own socket where the journal's
    would be, if `socket_folder` is given: in a mount namespace of its own."""

    def __init__(self, *flags: str, socket_folder: str = "/nowhere"):
        stream, stderr = os.pipe()
        self.stream = os.fdopen(stream)
        status = os.fstat(stderr)
        self.process = subprocess.Popen(
            ["unshare", "--map-root-user", "--mount", "sh", "-euc",
             'mount -t tmpfs none /run; mkdir -p /run/systemd; ln -s "$0" /run/systemd/journal; exec "$@"',
             socket_folder, str(BINARY), "--listen", "127.0.0.1:0", *flags],
            env=environment({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}), stdin=subprocess.DEVNULL,
            stderr=stderr)
        os.close(stderr)

    def lines_until_it_listens(self) -> list[str]:
        lines = [next(self.stream)]
        while "listening" not in lines[-1]:
            lines.append(next(self.stream))
        return lines

    def end(self) -> list[str]:
        """Ends the relay and returns what else came on standard error."""
        self.process.send_signal(signal.SIGTERM)
        with self.stream:
            lines = list(self.stream)
        assert self.process.wait(10) == 0, lines
        return lines
