# SPDX-License-Identifier: MIT
"""Draws a whole round from one number: the same number, the same round."""

import random

import families
from drawing import Drawing
from plans import Burst, Round, Settings

# A round takes some ten seconds: it ends soon enough for its seed to say something.
_BURSTS = 4


def settings_from(source: random.Random) -> Settings:
    return Settings(
        threads=source.choice((1, 1, 4)),
        access=source.choice(("local", "local", "keys", "private", "keys, then private")),
        is_managed=source.random() < 0.25,
        low_limit=source.choice(("", "", "", "", "", "viewers", "connections")),
        forgets=source.random() < 0.15,
        frame_memory=source.choice((32, 64, 128)) << 20,
        header_seconds=source.choice((2, 3)), idle_seconds=source.choice((1.5, 3)), body_seconds=source.choice((3, 4)),
        stall_seconds=source.choice((1.2, 2)))


def round_from(seed: int, only: str = "") -> Round:
    """The round of this number; with `only` all of its bursts are of this family."""
    source = random.Random(f"{seed} {only}")
    settings = settings_from(source)
    while only and not families.fits(only, settings):
        settings = settings_from(source)
    drawing = Drawing(source, settings)
    bursts = [_burst(source, drawing, only) for _ in range(_BURSTS)]
    if not only and settings.is_managed:
        bursts.append(families.handover(drawing))
    if (not only and source.random() < 0.4) or only == "drain":
        bursts = [*bursts[:-1], families.drain(drawing)]
    parked = families.parked(drawing) if only == "parked" or (not only and source.random() < 0.15) else ()
    return Round(seed, settings, tuple(bursts), parked)


def _burst(source: random.Random, drawing: Drawing, only: str) -> Burst:
    if only == "drain":
        return families.NAMES["mixed"](drawing)
    if only:
        return families.NAMES[only](drawing)
    possible = {family: weight for family, weight in families.WEIGHTS.items()
                if families.fits(family.__name__, drawing.settings)}
    (family,) = source.choices(list(possible), list(possible.values()))
    return family(drawing)
