# SPDX-License-Identifier: MIT
"""A relay in a terminal: its standard output is a pseudo terminal, its log a pipe."""

import os
import pty
import threading

from relay import Relay


class TerminalRelay(Relay):
    """What it shows on the terminal is in `shown`."""

    def __init__(self, *flags: str, **options):
        self._master, terminal = pty.openpty()
        self._shown = b""
        redirection = ("sh", "-euc", 'exec "$@" >"$0"', os.ttyname(terminal))
        try:
            super().__init__(*flags, prefix=redirection, **options)
        except BaseException:
            os.close(self._master)
            raise
        finally:
            os.close(terminal)
        self._terminal_reader = threading.Thread(target=self._read_terminal, daemon=True)
        self._terminal_reader.start()

    def _read_terminal(self):
        # The kernel answers with an error once nobody has the other end any more.
        try:
            while piece := os.read(self._master, 65_536):
                self._shown += piece
        except OSError:
            pass

    @property
    def shown(self) -> str:
        return self._shown.decode(errors="replace")

    def close(self):
        super().close()
        self._terminal_reader.join(5)
        os.close(self._master)
