# SPDX-License-Identifier: MIT
"""What a round is made of: how the relay is started, and the bursts of lives with what happens meanwhile."""

import dataclasses

from life import Life

# Keys, as a client sends them.
RIGHT, VIEW_ONLY, PASSING, WRONG = ("the-right-key-of-lives", "a-key-that-only-views", "a-key-that-is-taken-away",
                                    "a-key-that-nobody-knows")
LARGE_BYTES, DOOR_BYTES, STILL_BYTES = 3_900_000, 150_000, 300_000


@dataclasses.dataclass(frozen=True)
class Settings:
    """How the relay is started. `access` is `local` (no keys), `keys`, `private`, or `keys, then private`."""

    threads: int = 1
    access: str = "local"
    is_managed: bool = False
    # "", "viewers" or "connections": which limit is so low that lives reach it.
    low_limit: str = ""
    # Whether cameras vanish while lives are after them.
    forgets: bool = False
    frame_bytes: int = 8 << 20
    frame_memory: int = 64 << 20
    header_seconds: float = 3
    idle_seconds: float = 3
    body_seconds: float = 4
    stall_seconds: float = 1.5

    @property
    def has_keys(self) -> bool:
        return self.access != "local"

    @property
    def modes(self) -> frozenset[str]:
        """The ways of access that hold at one time or another."""
        return frozenset(self.access.split(", then "))

    def flags(self, keys: str, config: str) -> list[str]:
        milliseconds = {"header-timeout": self.header_seconds, "idle-timeout": self.idle_seconds,
                        "body-timeout": self.body_seconds, "stall-timeout": self.stall_seconds, "drain-timeout": 3}
        times = [word for name, seconds in milliseconds.items() for word in (f"--{name}", f"{int(seconds * 1000)}ms")]
        return ["--threads", str(self.threads), "--config", config, "--frame-memory", str(self.frame_memory),
                "--max-frame-bytes", str(self.frame_bytes), "--max-connections-per-address", "4000",
                "--max-key-failures", "1000000", "--stale-after", "1s", "--offline-after", "2s", "--repeat-after", "2s",
                *times, *(["--keys", keys] if self.has_keys else [])]

    def file(self, is_late: bool = False) -> str:
        """The settings that a reload may change; `is_late` are those behind the reload."""
        lines = [f"EVRELAY_FORGET_AFTER={'2s' if self.forgets else '10m'}"]
        if "private" in self.access and (is_late or self.access == "private"):
            lines.append("EVRELAY_PRIVATE=on")
        if self.low_limit == "viewers":
            lines.append(f"EVRELAY_MAX_VIEWERS={12 if is_late else 8}")
        if self.low_limit == "connections":
            lines.append(f"EVRELAY_MAX_CONNECTIONS={60 if is_late else 40}")
        return "\n".join(lines) + "\n"

    def keys_file(self, is_late: bool = False) -> str:
        lines = [f"{RIGHT} publish,view,observe *", f"{VIEW_ONLY} view *"]
        if not is_late:
            lines.append(f"{PASSING} publish,view,observe *")
        return "\n".join(lines) + "\n"


@dataclasses.dataclass(frozen=True)
class Happening:
    """What the server's side does, so many seconds after a burst's beginning: `frame`, `reload`, `pressure`, `mute`,
    `unmute`, `drain` or `hand over`."""

    at: float
    kind: str
    camera: str = ""
    size: int = 0
    count: int = 1

    def __str__(self):
        what = f" of {self.size} bytes to {self.camera}" if self.kind in ("frame", "pressure") else ""
        return f"at {self.at:.2f} s: {self.kind}{what}{f', {self.count} times' if self.count > 1 else ''}"


@dataclasses.dataclass(frozen=True)
class Burst:
    family: str
    lives: tuple[Life, ...]
    happenings: tuple[Happening, ...] = ()
    # Whether groups send while the server is stopped, so that all of it comes in one turn of its loop.
    in_one_turn: bool = False
    # Bound for the lives, beyond which they are fault.
    seconds: float = 30
    # Whether the burst ends the relay, or fills its memory on purpose.
    ends_relay: bool = False
    fills_memory: bool = False

    @property
    def upload_bytes(self) -> int:
        """What all lives send at most."""
        return sum(ask.body.size * ask.body.count * life.repeats for life in self.lives for ask in life.asks)


@dataclasses.dataclass(frozen=True)
class Round:
    seed: int
    settings: Settings
    bursts: tuple[Burst, ...]
    parked: tuple[Life, ...] = ()
