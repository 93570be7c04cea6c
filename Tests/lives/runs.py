# SPDX-License-Identifier: MIT
"""A run: round after round until the time is over, and a report of each fault from which it can be played again."""

import collections
import os
import pathlib
import tempfile
import time

from certificates import Authority
from draw import round_from
from rounds import Fault, Stage

_LAST_LINES = 25
_MOST_LIVES = 80


def run(seconds: float, seed: int, rounds: int, only: str = "", keeps_going: bool = False, tell=print) -> int:
    """Exit status 0 without a fault, 1 with one."""
    until, faults, done, lives = time.monotonic() + seconds, 0, 0, 0
    kinds: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="lives-") as scratch:
        folder = pathlib.Path(scratch)
        pair = Authority(folder).local()
        while done < rounds and (time.monotonic() < until or not done):
            own = folder / str(done)
            own.mkdir()
            plan = round_from(seed + done, only)
            began = time.monotonic()
            words = f"round {plan.seed}: {plan.settings.threads} loops, access {plan.settings.access}, " + ", ".join(
                f"{burst.family} {len(burst.lives)}" for burst in plan.bursts)
            tell(words, flush=True)
            fault = play(plan, own, pair, only, tell)
            faults += bool(fault)
            done += 1
            lives += sum(len(burst.lives) for burst in plan.bursts)
            kinds.update(burst.family for burst in plan.bursts)
            tell(f"  {'FAULT' if fault else 'well'} after {time.monotonic() - began:.1f} s", flush=True)
            if fault and not keeps_going:
                break
    tell(f"{done} rounds, {lives} lives, {faults} faults; first seed {seed}; bursts: "
         + ", ".join(f"{name} {count}" for name, count in sorted(kinds.items())), flush=True)
    return 1 if faults else 0


def play(plan, folder: pathlib.Path, pair, only: str, tell) -> str:
    """One round; the fault that was found, which has been told, or nothing."""
    stage = Stage(plan, folder, pair)
    try:
        stage.play()
        return ""
    except Fault as fault:
        _report(stage, str(fault), only, tell)
        return str(fault)
    finally:
        stage.close()


def _report(stage: Stage, fault: str, only: str, tell):
    seed = stage.plan.seed
    binary = os.environ.get("EVRELAY_BINARY")
    tell(f"\nFAULT in round {seed}: {fault}\n")
    tell(f"settings: {stage.plan.settings}\nwhat led to it, in order:")
    shown = stage.began[-_MOST_LIVES:]
    if len(shown) < len(stage.began):
        tell(f"  ({len(stage.began) - len(shown)} lines before)")
    for line in shown:
        tell(line)
    relay = stage.served.relay
    # The log's reader may be behind, and what a trap says comes last.
    relay.reads_log.set()
    relay._reader.join(1)
    tell("the relay's last lines:")
    for line in relay.lines[-_LAST_LINES:]:
        tell(f"  {line[:400]}")
    variable = f"EVRELAY_BINARY={binary} " if binary else ""
    tell(f"\nplay it again: {variable}.venv/bin/python Tests/lives --rounds 1 --seed {seed}"
         + (f" --only {only}" if only else "") + "\n")
