# SPDX-License-Identifier: MIT
"""Draws lives of connections and plays them against the built binary: `.venv/bin/python Tests/lives --seconds 60`.

Every round has a number. What was found is told with that number, and with the command that plays it again.
"""

import argparse
import pathlib
import secrets
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import families
from runs import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="Tests/lives", description="Plays drawn lives of connections.")
    parser.add_argument("--seconds", type=float, default=60, help="begin no round after so many (default: 60)")
    parser.add_argument("--seed", type=int, help="the first round's number; the next ones count on (default: drawn)")
    parser.add_argument("--rounds", type=int, default=1_000_000, help="at most so many rounds")
    parser.add_argument("--only", default="", choices=sorted(families.NAMES), help="all bursts of this family")
    parser.add_argument("--keep-going", action="store_true", help="go on behind a fault with the next round")
    options = parser.parse_args()
    # So that whatever was started is ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    seed = options.seed if options.seed is not None else secrets.randbelow(1_000_000)
    try:
        return run(options.seconds, seed, options.rounds, options.only, options.keep_going)
    except KeyboardInterrupt:
        return 130


sys.exit(main())
