# SPDX-License-Identifier: MIT
"""Somebody else on the same loop: asks `GET /healthz` every 20 ms, and tells how long the answers took.

A program of its own: Python runs one thread at a time, so whoever sends the input would make a canary beside it wait.
For each line on standard input it prints what it has seen since the last one; it ends with that input.
"""

import json
import os
import pathlib
import select
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

from wire import Wire

INTERVAL = 0.02


def main(port: int):
    longest = late = 0.0
    due = time.monotonic()
    with Wire(port, timeout=60) as wire:
        while True:
            asked, _, _ = select.select([0], [], [], max(0.0, due - time.monotonic()))
            if asked:
                if not os.read(0, 4096):
                    return
                print(json.dumps({"longest": longest, "late": late}), flush=True)
                longest = late = 0.0
                continue
            began = time.monotonic()
            late = max(late, began - due)
            wire.request("GET", "/healthz")
            answer = wire.response()
            now = time.monotonic()
            assert answer.status == 200, answer
            longest = max(longest, now - began)
            due = max(due + INTERVAL, now)


main(int(sys.argv[1]))
