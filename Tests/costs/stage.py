# SPDX-License-Identifier: MIT
"""A relay of one loop with its canary: what each measurement begins with, so that none pays for the one before."""

import contextlib
import json
import pathlib
import select
import subprocess
import sys
from collections.abc import Sequence

from certificates import Pair
from relay import Relay

_CANARY = pathlib.Path(__file__).resolve().parent / "canary.py"


class Stage:
    """Ends both with the `with` block, whatever happens in it."""

    def __init__(self, pairs: Sequence[Pair], flags: Sequence[str] = ()):
        # Connections that last as long as this does.
        self.kept = contextlib.ExitStack()
        # The measured inputs are refused more often than not; that the relay lives is asserted by its end.
        self.relay = Relay("--threads", "1", *flags, pairs=pairs, expected_problems=(r"\swarning\s",))
        try:
            self._canary = subprocess.Popen(
                [sys.executable, str(_CANARY), str(self.relay.plain_port)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE)
        except BaseException:
            self.relay.close()
            raise

    def port(self, is_encrypted: bool) -> int:
        return self.relay.tls_port if is_encrypted else self.relay.plain_port

    def waits(self) -> dict[str, float]:
        """The canary's longest wait since this was asked last, and how late the machine woke it; in seconds."""
        self._canary.stdin.write(b"\n")
        self._canary.stdin.flush()
        seen, _, _ = select.select([self._canary.stdout], [], [], 90)
        line = self._canary.stdout.readline() if seen else b""
        if not line:
            raise AssertionError(f"the canary has no answer; the relay's log: {self.relay.lines[-5:]}")
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kept.close()
        try:
            self._canary.stdin.close()
            try:
                self._canary.wait(10)
            except subprocess.TimeoutExpired:
                self._canary.kill()
                self._canary.wait()
            self._canary.stdout.close()
        finally:
            self.relay.close()
