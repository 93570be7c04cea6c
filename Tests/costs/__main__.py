# SPDX-License-Identifier: MIT
"""Measures what a received byte of the dearest inputs costs the server: `.venv/bin/python Tests/costs`.

Prints the table of docs/security.md, "What a byte costs". Ends with 1 if one input made everybody else wait too long.
"""

import argparse
import pathlib
import signal
import sys
import tempfile

_TESTS = pathlib.Path(__file__).resolve().parents[1]
# The relay and its certificates are those of the process tests; the client that changes keys is that of the lives.
sys.path[1:1] = [str(_TESTS / "system"), str(_TESTS / "lives")]

from run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="Tests/costs", description="Measures CPU for each received byte.")
    parser.add_argument("--rounds", type=int, default=2, help="so many measurements of each input (default: 2)")
    parser.add_argument("--only", default="", help="only inputs with these letters in their name")
    options = parser.parse_args()
    # So that whatever was started is ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="evrelay-costs-") as folder:
        return run(pathlib.Path(folder), max(1, options.rounds), options.only)


sys.exit(main())
