# SPDX-License-Identifier: MIT
"""All inputs in turn, and the table of what they cost."""

import dataclasses
import pathlib
import resource
import ssl
import sys

import bodies
import frames
import heads
import records
from certificates import Authority
from credentials import new_key, write_keys
from measuring import Cost, Input, measure, measure_idle
from stage import Stage

# Nobody may make the others wait longer.
MOST_WAIT = 0.1
_HEADINGS = ("input", "over", "CPU a byte, ns", "× reference", "CPU, µs", "longest wait of others, ms")


def run(folder: pathlib.Path, rounds: int, only: str) -> int:
    # For the idle connections at both of their ends: the relay inherits it.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    authority = Authority(folder)
    # Over TLS 1.3 alone: what is measured is what clients of today get.
    pairs = [authority.local(), authority.pair(records.RSA_NAME, kind="rsa")]
    keys = write_keys(folder / "keys", f"{new_key()} publish *")
    reference = Input(
        "**reference**: 40 KB frames, keep-alive", "frame", bodies.one_by_one(bodies.frame_of_40_kb(), 200))
    inputs = [reference] + [each for each in (*heads.INPUTS, *bodies.inputs(str(keys)), *frames.INPUTS, *records.INPUTS)
                            if only in each.title]

    def open_stage(flags=()) -> Stage:
        stage = Stage(pairs, flags)
        stage.relay.tls_port.context.minimum_version = ssl.TLSVersion.TLSv1_3
        return stage

    with open_stage() as stage:
        share, idle = measure_idle(stage)
        assert records.bears(stage, records.ALLOWED), "fewer key changes are borne than it says"
        flood, seconds = records.seconds_until_cut(stage, 20_000)
    cases = [(piece, is_encrypted) for piece in inputs for is_encrypted in piece.ways]
    costs: list[list[Cost]] = [[] for _ in cases]
    # Round by round, so that an hour in which the machine has other work hits all of them alike.
    for number in range(rounds):
        for (piece, is_encrypted), seen in zip(cases, costs, strict=True):
            with open_stage(piece.flags) as stage:
                seen.append(measure(stage, piece, is_encrypted, share))
            print(f"round {number + 1}: {piece.title}: {seen[-1].wait * 1000:.1f} ms", file=sys.stderr)
    rows = [(*case, _quietest(seen)) for case, seen in zip(cases, costs, strict=True)]
    return _print(rows, idle, flood, seconds)


def _quietest(costs: list[Cost]) -> Cost:
    """The lowest cost, and the shortest of the longest waits: a server that holds its loop does so in every round, and
    the machine's other work hits now this one and now that."""
    best = min(costs, key=lambda cost: cost.per_unit)
    return dataclasses.replace(best, wait=min(each.wait for each in costs))


def _number(value: float) -> str:
    """Two digits that say something, or all before the point."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _print(rows: list[tuple[Input, bool, Cost]], idle: Cost, flood: int, seconds: float) -> int:
    base = rows[0][2].per_byte
    print("| " + " | ".join(_HEADINGS) + " |")
    print("|---|---|--:|--:|--:|--:|")
    for piece, is_encrypted, cost in rows:
        per_byte = f"{_number(cost.per_byte)} | {_number(cost.per_byte / base)}" if cost.received else "- | -"
        print(f"| {piece.title} | {'TLS 1.3' if is_encrypted else 'plain'} | {per_byte} "
              f"| {_number(cost.per_unit)} / {piece.unit} | {cost.wait * 1000:.1f} |")
    print(f"\nA canary alone waited {idle.wait * 1000:.1f} ms at most. {flood:,} bytes of key changes in one go: the "
          f"connection was over after {seconds * 1000:.0f} ms; a request behind {records.ALLOWED} of them is answered.")
    worst = max((row for row in rows if row[2].received), key=lambda row: row[2].per_byte)
    longest = max(rows, key=lambda row: row[2].wait)
    print(f"Worst ratio: {worst[2].per_byte / base:,.0f} times the reference ({worst[0].title}). "
          f"Longest wait: {longest[2].wait * 1000:.1f} ms ({longest[0].title}).")
    late = [row for row in rows if row[2].wait > MOST_WAIT]
    for piece, _, cost in late:
        print(f"FAULT: {piece.title}: the others waited {cost.wait * 1000:.0f} ms; {MOST_WAIT * 1000:.0f} are allowed.")
    return 1 if late else 0
