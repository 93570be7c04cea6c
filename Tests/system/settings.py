# SPDX-License-Identifier: MIT
"""Which binary is tested, and in what."""

import os
import pathlib
import shlex

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARY = (REPOSITORY / os.environ.get("EVRELAY_BINARY", ".build/release/evrelay")).resolve()
WRAPPER = shlex.split(os.environ.get("EVRELAY_WRAPPER", ""))
# Under valgrind a program runs some twenty times slower; for sanitized builds the Makefile says how much more time is given.
PATIENCE = int(os.environ.get("PATIENCE", 10 if WRAPPER else 1))
