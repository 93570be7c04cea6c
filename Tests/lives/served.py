# SPDX-License-Identifier: MIT
"""The relay of one round: how it is started and restarted, and where lives find it."""

import contextlib
import fcntl
import os
import pathlib
import re
import signal
import socket
import threading
import time

import images
from certificates import Pair
from life import Life
from manager import Manager
from plans import DOOR_BYTES, LARGE_BYTES, RIGHT, STILL_BYTES, Settings
from relay import Relay
from settings import PATIENCE
from transports import contexts
from waiting import wait_until
from wire import ConnectionEnded, TLSPort, Wire

# Lives come from an address of their own, so that what an address is refused for does not hit the canaries.
LIVES_ADDRESS = "127.0.0.2"
_PROBLEM = re.compile(
    r"(^|\s)(error|critical)\s|^<[0-3]>|Fatal error|Sanitizer|^==\d+==|\[warn\]|\[err\]|Backtrace|Crash|runtime error")
_SMALL_PIPE = 4096


class LivesRelay(Relay):
    """Its log is read only while `reads_log` is set."""

    def __init__(self, *flags: str, **options):
        self.reads_log = threading.Event()
        self.reads_log.set()
        self.line_times: list[float] = []
        super().__init__(*flags, **options)

    def _read_log(self):
        fcntl.fcntl(self.process.stderr.fileno(), fcntl.F_SETPIPE_SZ, _SMALL_PIPE)
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            self.line_times.append(time.monotonic())
            self.reads_log.wait()

    def problems(self) -> list[str]:
        return [line for line in list(self.lines) if _PROBLEM.search(line)]

    def kill(self):
        """Ends it without a question, also if it is stopped or does not answer."""
        self.reads_log.set()
        if self.is_running:
            self.process.kill()
        self.process.wait()
        self._reader.join(5)
        self.process.stderr.close()


class Served:
    """Where a relay with these settings is, over all of its processes."""

    patience = PATIENCE
    source = LIVES_ADDRESS

    def __init__(self, settings: Settings, folder: pathlib.Path, pair: Pair):
        self.settings = settings
        self.folder = folder
        self._pair = pair
        self._contexts = contexts(str(pair.authority))
        self._config, self._keys, self._unix = folder / "evrelay.conf", folder / "keys", folder / "relay.sock"
        self._sequences: dict[str, int] = {}
        self._number = 0
        self._manager: Manager | None = None
        # When the relay began to end, or to hand over; and what else excuses lives.
        self.is_ending = False
        self.has_handed_over = False
        self.fills_memory = False
        self.last_error = ""
        self.write_files(False)
        self.relay = self._first()

    @property
    def longest_stay(self) -> float:
        """Within this time the server ends whatever does nothing."""
        times = self.settings
        return max(times.idle_seconds, times.header_seconds, times.body_seconds, times.stall_seconds) + 4

    @property
    def shortest_idle(self) -> float:
        """For so long, and a sweep of the server's more or less, a connection may wait for its next request."""
        return min(self.settings.idle_seconds, self.settings.header_seconds) - 0.5

    def write_files(self, is_late: bool):
        """Each at once, as a careful administrator does."""
        for path, text in ((self._config, self.settings.file(is_late)), (self._keys, self.settings.keys_file(is_late))):
            new = path.with_suffix(".new")
            new.write_text(text)
            new.chmod(0o600)
            new.rename(path)

    def _flags(self) -> list[str]:
        return self.settings.flags(str(self._keys), str(self._config))

    def _first(self) -> LivesRelay:
        if self.settings.is_managed:
            self._manager = Manager(self.folder)
            self.plain_port = self._manager.listen()
            tls = socket.create_server(("127.0.0.1", 0), backlog=1024)
            self._manager.pass_socket(tls, "evrelay-tls.socket")
            unix = socket.socket(socket.AF_UNIX)
            unix.bind(str(self._unix))
            unix.listen(1024)
            self._manager.pass_socket(unix)
            self.tls_port = TLSPort(tls.getsockname()[1], self._pair.context())
            return self._managed()
        relay = LivesRelay("--listen", f"unix:{self._unix}", *self._flags(), pairs=[self._pair])
        # The port of the relay is that of its last address without TLS, which is none for a unix socket.
        line = relay.wait_for_line(r"\blistening\b.*\burl\W+http:")
        self.plain_port, self.tls_port = int(line.rsplit(":", 1)[1]), relay.tls_port
        return relay

    def _managed(self) -> LivesRelay:
        prefix, descriptors = self._manager.command()
        relay = LivesRelay(*self._flags(), listen="systemd", tls_listen="systemd", pairs=[self._pair],
                           extra=self._manager.environment(), prefix=prefix, descriptors_passed=descriptors)
        relay.port = relay.plain_port = self.plain_port
        self._manager.started.append(relay)
        return relay

    def hand_over(self):
        """Ends the relay as a restart does, and starts the next one on the same sockets."""
        self.is_ending = self.has_handed_over = True
        before = self.relay
        before.signal(signal.SIGUSR2)
        status = before.wait(15)
        self._manager.catch_up()
        assert status == 0, f"exit status {status} of the relay that handed over: {before.lines[-20:]}"
        assert not before.problems(), f"log of the relay that handed over: {before.problems()[:20]}"
        self.relay = self._managed()
        self.is_ending = False

    # What lives ask.

    def address(self, transport: str):
        """Where a transport leads, and the settings of TLS for it."""
        if transport == "unix":
            return str(self._unix), None
        if transport == "plain":
            return ("127.0.0.1", self.plain_port), None
        return ("127.0.0.1", int(self.tls_port)), self._contexts[transport]

    def sequence(self, camera: str) -> int:
        return self._sequences.get(camera, 1)

    def see_sequence(self, camera: str, sequence: int):
        self._sequences[camera] = sequence

    def next_number(self) -> int:
        self._number += 100
        return self._number

    def allowed(self) -> frozenset[int]:
        """Statuses that are right for any request now."""
        found = {429, 503} if self.settings.low_limit else set()
        if self.is_ending or self.has_handed_over or self.fills_memory:
            found |= {503}
        return frozenset(found)

    def is_excused(self, life: Life) -> bool:
        """Whether this life may have been ended without having done anything for it."""
        if self.has_handed_over or self.is_ending or self.settings.low_limit == "connections":
            return True
        if self.fills_memory and (life.reading.kind != "all" or any(ask.frames or ask.is_endless for ask in life.asks)):
            return True
        if self.settings.forgets and any(ask.frames or ask.waits_for for ask in life.asks):
            return True
        is_fragile = self.settings.access == "keys, then private" or life.is_fragile
        return is_fragile and any(ask.is_endless or ask.waits_for for ask in life.asks)

    # What the driver itself does with it.

    @property
    def own_fields(self) -> tuple[str, ...]:
        return (f"Authorization: Bearer {RIGHT}",) if self.settings.has_keys else ()

    def upload(self, camera: str, size: int) -> int:
        """One frame of the driver's own; its status, or 0 without an answer."""
        frame = images.frame(camera, self.next_number(), size)
        try:
            with Wire(self.plain_port, timeout=20 * PATIENCE) as wire:
                wire.upload(frame, camera, "Connection: close", "X-Publisher-ID: the-driver-of-lives", *self.own_fields)
                answer = wire.response("POST")
        except (ConnectionEnded, OSError) as error:
            self.last_error = repr(error)
            return 0
        if answer.status == 200:
            self.see_sequence(camera, answer.json()["sequence"])
        return answer.status

    def upload_all(self):
        for camera, size in (("door", DOOR_BYTES), ("large", LARGE_BYTES), ("still", STILL_BYTES)):
            status = self.upload(camera, size)
            assert status == 200, f"the first frame of {camera}: status {status} {self.last_error}"

    def metrics(self) -> dict[str, float]:
        with Wire(self.plain_port, timeout=10 * PATIENCE) as wire:
            wire.request("GET", "/metrics", "Connection: close", *self.own_fields)
            text = wire.response().body.decode()
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    @contextlib.contextmanager
    def stopped(self):
        """The process stands still meanwhile, so that it finds all of what is sent in one turn of its loop."""
        os.kill(self.relay.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.relay.pid, signal.SIGCONT)

    def drain(self):
        """Tells it to end."""
        self.is_ending = True
        self.relay.signal(signal.SIGTERM)

    def is_alive(self) -> bool:
        return self.relay.is_running or self.is_ending

    def close(self):
        """Whatever still runs is ended."""
        for relay in {self.relay, *(self._manager.started if self._manager else ())}:
            relay.kill()
        if self._manager:
            self._manager.started.clear()
            self._manager.close()


def wait_until_ended(relay: LivesRelay, seconds: float) -> int | None:
    """Its exit status, or None if it goes on."""
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not relay.is_running, seconds)
    return relay.process.poll()
