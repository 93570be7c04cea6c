# SPDX-License-Identifier: MIT
"""The built binary as a process: started on a port of its own, ended by its process id, its log read line by line."""

import os
import pathlib
import re
import resource
import signal
import subprocess
import threading
from collections.abc import Sequence

from certificates import Pair
from settings import BINARY, PATIENCE, WRAPPER
from waiting import wait_until
from wire import TLSPort, Wire

_PROBLEM = re.compile(
    r"(^|\s)(warning|error|critical)\s|^<[0-4]>|Fatal error|Sanitizer|^==\d+==|\[warn\]|\[err\]|Backtrace",
    re.IGNORECASE)


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would configure a relay or tell it of a manager."""
    own = {name: value for name, value in os.environ.items()
           if not name.startswith(("EVRELAY_", "LISTEN_", "WATCHDOG_")) and name not in ("NOTIFY_SOCKET", "FDSTORE")}
    return own | (extra or {})


def run_binary(*arguments: str, extra: dict[str, str] | None = None, prefix: Sequence[str] = (),
               descriptors_passed: Sequence[int] = ()) -> subprocess.CompletedProcess:
    """Runs a relay that is expected to end by itself."""
    return subprocess.run(
        [*prefix, *WRAPPER, str(BINARY), *arguments], env=environment(extra), stdin=subprocess.DEVNULL,
        pass_fds=descriptors_passed, capture_output=True, text=True, timeout=10 * PATIENCE)


class Relay:
    """One running relay. `expected_problems` are patterns of warnings and errors that its test provokes on purpose;
    `prefix` is a command that becomes the relay, and `descriptors_passed` what it is given for that.

    With `pairs` of certificates it also listens for TLS, at `tls_port` and `tls_url`. With `over_tls`, `port` and `url`
    are these too, so that whatever is done to the relay is done over TLS.
    """

    def __init__(self, *flags: str, listen: str = "127.0.0.1:0", extra: dict[str, str] | None = None,
                 descriptors: int | None = None, expected_problems: tuple[str, ...] = (),
                 prefix: Sequence[str] = (), descriptors_passed: Sequence[int] = (),
                 pairs: Sequence[Pair] = (), tls_listen: str = "127.0.0.1:0", over_tls: bool = False):
        assert BINARY.exists(), f"{BINARY} is not there; `make build` makes it"
        self.lines: list[str] = []
        self.expected_problems = expected_problems

        def limit_descriptors():
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        listening = ["--listen", listen] if listen else []
        if pairs:
            listening += ["--tls-listen", tls_listen, *(flag for pair in pairs for flag in pair.flags)]
        self.process = subprocess.Popen(
            [*prefix, *WRAPPER, str(BINARY), *listening, *flags], env=environment(extra), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
            pass_fds=descriptors_passed, preexec_fn=limit_descriptors if descriptors else None)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        try:
            # None of its own for a relay whose first address is a unix socket.
            self.port = self._listening_port(r"\blistening\b(?!.*\burl\W+https:)", "http")
            self.url = f"http://127.0.0.1:{self.port}"
            if pairs:
                number = self._listening_port(r"\blistening\b.*\burl\W+https:", "https")
                self.authority = pairs[0].authority
                self.tls_port = TLSPort(number, pairs[0].context())
                self.tls_url = f"https://localhost:{number}"
        except AssertionError:
            self.process.kill()
            self.process.wait()
            raise
        self.plain_port = self.port
        if over_tls:
            self.port, self.url = self.tls_port, self.tls_url

    def _listening_port(self, pattern: str, scheme: str) -> int:
        found = re.search(rf"url\W+{scheme}://[^ ]*:(\d+)", self.wait_for_line(pattern))
        return int(found.group(1)) if found else 0

    def _read_log(self):
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def log_lines(self, pattern: str) -> list[str]:
        return [line for line in list(self.lines) if re.search(pattern, line)]

    def wait_for_line(self, pattern: str, count: int = 1) -> str:
        """Waits until `count` lines match and returns the last of them."""
        def seen():
            found = self.log_lines(pattern)
            assert len(found) >= count or self.is_running, f"the relay ended: {self.lines}"
            return found if len(found) >= count else None
        return wait_until(seen, 10 * PATIENCE, f"{count} log lines like {pattern!r}")[-1]

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    @property
    def pid(self) -> int:
        return self.process.pid

    def connect(self, **options) -> Wire:
        return Wire(self.port, **options)

    def get(self, target: str, *fields: str, method: str = "GET", **options):
        """One request on a connection of its own."""
        with self.connect(**options) as wire:
            wire.request(method, target, *fields, "Connection: close")
            return wire.response(method)

    def upload(self, frame: bytes, camera: str = "", *fields: str, **options):
        """One frame on a connection of its own."""
        with self.connect(**options) as wire:
            wire.upload(frame, camera, *fields)
            return wire.response("POST")

    def metric(self, name: str) -> float:
        """One sample of `GET /metrics`, named with its labels; 0 if it is not there."""
        text = self.get("/metrics").body.decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found.group(1)) if found else 0

    def camera(self, name: str = "default") -> dict:
        """What `GET /cameras/NAME` says."""
        answer = self.get(f"/cameras/{name}")
        assert answer.status == 200, answer
        return answer.json()

    def descriptors(self) -> int:
        """Open descriptors, without pipes: a running relay opens none, but a sanitizer reaches its symbolizer by some."""
        count = 0
        for number in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                count += not os.readlink(number).startswith("pipe:")
            except FileNotFoundError:
                continue
        return count

    def resident_bytes(self) -> int:
        fields = pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()
        return int(fields[1]) * resource.getpagesize()

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def signal(self, number: int):
        self.process.send_signal(number)

    def wait(self, seconds: float = 5) -> int:
        """Waits for the end and returns the exit status, as a shell counts it."""
        status = self.process.wait(seconds * PATIENCE)
        self._reader.join(5)
        return status if status >= 0 else 128 - status

    def stop(self):
        """Ends the relay as a service manager does; fails if it does not end well or had problems."""
        self.signal(signal.SIGTERM)
        try:
            status = self.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the relay did not end on SIGTERM: {self.lines[-20:]}") from None
        self.check_log()
        assert status == 0, f"exit status {status}: {self.lines[-20:]}"

    def check_log(self):
        allowed = "|".join(f"(?:{pattern})" for pattern in self.expected_problems)
        problems = [line for line in self.lines
                    if _PROBLEM.search(line) and not (allowed and re.search(allowed, line))]
        assert not problems, "unexpected log lines:\n" + "\n".join(problems[:80])

    def close(self):
        """What is left to do at a test's end, also after it ended the relay itself."""
        try:
            if self.is_running:
                self.stop()
            else:
                self._reader.join(5)
                self.check_log()
        finally:
            self.process.stderr.close()
