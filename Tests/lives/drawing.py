# SPDX-License-Identifier: MIT
"""Draws single lives, and keeps count of them."""

import dataclasses
import random
from collections.abc import Iterable

from asks import Ask
from life import Life, Reading, Sending
from plans import DOOR_BYTES, LARGE_BYTES, PASSING, RIGHT, WRONG, Burst, Happening, Settings
from routes import Routes
from transports import TRANSPORTS


class Drawing:
    """All of one round's chance comes from `random`."""

    def __init__(self, source: random.Random, settings: Settings):
        self.random = source
        self.settings = settings
        self.routes = Routes(source, settings)
        self.good_key = RIGHT if settings.has_keys else ""
        self.wrong_key = WRONG
        self._lives = 0
        self._groups = 0

    def new_group(self) -> int:
        self._groups += 1
        return self._groups

    def transport(self) -> str:
        return self.random.choice(TRANSPORTS)

    def life(self, transport: str, asks: tuple[Ask, ...], **options) -> Life:
        self._lives += 1
        return Life(self._lives, transport, asks, **options)

    def again(self, life: Life, **changes) -> Life:
        self._lives += 1
        return dataclasses.replace(life, number=self._lives, **changes)

    def burst(self, family: str, lives: Iterable[Life], happenings: Iterable[Happening] = (), **options) -> Burst:
        return Burst(family, tuple(lives), tuple(happenings), **{"seconds": 40, **options})

    def frames(self) -> list[Happening]:
        """Frames of the cameras that send now and then."""
        return [Happening(self.random.uniform(0, 2), "frame", *self.random.choice(
            (("door", DOOR_BYTES), ("door", DOOR_BYTES), ("large", LARGE_BYTES), ("up-0", 0), ("not-yet", 5000))))
            for _ in range(self.random.randrange(6))]

    def sending(self) -> Sending:
        kind = self.random.choice(("whole", "whole", "cut", "drip"))
        until = self.random.random() if self.random.random() < 0.1 else 1.0
        pause = 0.02 if kind == "drip" else self.random.uniform(0.01, 0.5)
        pieces, is_pipelined = self.random.randrange(2, 25), self.random.random() < 0.5
        return Sending(kind, self.random.random(), pause, pieces, is_pipelined, until)

    def reading(self) -> Reading:
        kind = self.random.choice(("all", "all", "all", "slow", "never", "head", "stop"))
        half = self.random.choice(("", "fin", "close_notify", "close_notify+fin")) if kind == "stop" else ""
        return Reading(kind, self.random.choice((1, 100, 5000, 100_000)), self.random.uniform(0.05, 0.9), half)

    def asks(self) -> tuple[Ask, ...]:
        """One request; or a few to be sent over one connection, of which the last may be anything."""
        random = self.random
        kind = random.random()
        if kind < 0.55:
            return (self.routes.any(),)
        if kind < 0.62:
            return (self.routes.versioned(self.routes.wait()),)
        if kind < 0.7:
            return (self.routes.versioned(self.routes.streaming_upload()),)
        if kind < 0.8:
            return tuple(self.routes.upload(f"up-{random.randrange(3)}") for _ in range(random.randrange(2, 9)))
        return (*(self.routes.short() for _ in range(random.choice((1, 2, 5, 20, 49)))), self.routes.any())

    def any_life(self, is_short: bool = False) -> Life:
        random, transport, asks = self.random, self.transport(), self.asks()
        while is_short and (len(asks) > 5 or any(ask.waits_for for ask in asks)):
            asks = self.asks()
        has_tls = transport.startswith("tls")
        behind = random.choice(("fin", "reset", *(("close_notify", "close_notify+fin") if has_tls else ()))) \
            if random.random() < 0.2 else ""
        end = random.choice(("leave", "leave", "fin", "reset", "close_notify", "close_notify+fin", "stay"))
        reading, sending = self.reading(), self.sending()
        if not has_tls:
            end = end.replace("close_notify+fin", "fin").replace("close_notify", "leave")
            half = reading.half.replace("close_notify+fin", "fin").replace("close_notify", "")
            reading = dataclasses.replace(reading, half=half)
        if any(ask.waits_for and (ask.waits_for != "canary" or "{now}" not in ask.target) for ask in asks):
            # Nobody knows when its frame comes; those who wait to the end are drawn elsewhere.
            reading = Reading("never", hold=random.uniform(0.05, 1))
        if sending.until < 1:
            # Whoever is cut off before the method is known gets a body.
            asks = tuple(dataclasses.replace(ask, method="GET") if ask.method == "HEAD" else ask for ask in asks)
        if end == "stay" and any(ask.is_endless or ask.content == "socket" for ask in asks):
            end = "leave"
        return self.life(transport, asks, sending=sending, behind=behind, reading=reading, end=end,
                         start=random.uniform(0, 1), receive_buffer=random.choice((0, 0, 0, 4096)),
                         is_fragile=PASSING in str(asks))
