# SPDX-License-Identifier: MIT
"""A service manager's side of the protocol: it passes sockets, hears what the service says of itself, and keeps
descriptors for the service's next process."""

import array
import contextlib
import os
import pathlib
import signal
import socket
import sys
import threading
import time

from relay import Relay
from waiting import wait_until

_PASS_ON = pathlib.Path(__file__).with_name("pass_on.py")
_MOST_DESCRIPTORS = 253


class Manager:
    """Listens on a notify socket of its own and starts services that are told of it.

    `store_size` is how many descriptors it keeps; None for a manager without a store. `messages` are all that came,
    each with the time of its arrival under `at` and the number of its descriptors under `descriptors`.
    """

    def __init__(self, folder: pathlib.Path, store_size: int | None = 100, address: str | None = None):
        self.address = address or str(folder / "notify")
        self.store_size = store_size
        self.messages: list[dict] = []
        self.sockets: list[tuple[str, socket.socket]] = []
        self.kept: list[tuple[str, int]] = []
        self.started: list[Relay] = []
        self._marks = 0
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(self._bindable())
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _bindable(self) -> str:
        return "\0" + self.address[1:] if self.address.startswith("@") else self.address

    def close(self):
        with contextlib.ExitStack() as stack:
            stack.callback(self._remove, lambda _: True)
            stack.callback(self._stop_listening)
            for _, each in self.sockets:
                stack.callback(each.close)
            for relay in self.started:
                stack.callback(relay.close)

    def _stop_listening(self):
        self._send("END=1")
        self._thread.join(5)
        self._notify.close()

    # What the service says.

    def _listen(self):
        while True:
            data, control, _, _ = self._notify.recvmsg(65536, socket.CMSG_SPACE(_MOST_DESCRIPTORS * 4))
            descriptors = array.array("i")
            for level, kind, content in control:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    descriptors.frombytes(content)
            message = dict(line.split("=", 1) for line in data.decode().split("\n"))
            if "END" in message:
                return
            self._keep(message, list(descriptors))
            self.messages.append(message | {"at": time.monotonic(), "descriptors": len(descriptors)})

    def _keep(self, message: dict, descriptors: list[int]):
        if "FDSTOREREMOVE" in message:
            self._remove(lambda name: name == message["FDNAME"])
        for descriptor in descriptors:
            if message.get("FDSTORE") == "1" and len(self.kept) < (self.store_size or 0):
                self.kept.append((message["FDNAME"], descriptor))
            else:
                os.close(descriptor)

    def _remove(self, is_meant):
        for name, descriptor in self.kept:
            if is_meant(name):
                os.close(descriptor)
        self.kept = [entry for entry in self.kept if not is_meant(entry[0])]

    def _send(self, text: str):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(text.encode(), self._bindable())

    def catch_up(self):
        """Waits until everything that was sent before this call is in `messages`."""
        self._marks += 1
        self._send(f"MARK={self._marks}")
        wait_until(lambda: self.having("MARK", str(self._marks)), what="the notify socket is read")

    def having(self, name: str, value: str | None = None) -> list[dict]:
        """The messages with this assignment so far."""
        return [message for message in list(self.messages)
                if name in message and (value is None or message[name] == value)]

    def wait_for(self, name: str, value: str | None = None, count: int = 1, seconds: float = 20) -> dict:
        """Waits for `count` messages with this assignment, and returns the last of them."""
        wait_until(lambda: len(self.having(name, value)) >= count, seconds,
                   f"{count} messages with {name}={value}; came: {[m for m in self.messages if 'MARK' not in m][-9:]}")
        return self.having(name, value)[-1]

    def kept_names(self) -> list[str]:
        return [name for name, _ in self.kept]

    def state_file(self) -> int:
        """The descriptor of the state that the service has left."""
        (descriptor,) = [descriptor for name, descriptor in self.kept if name == "evrelay-state"]
        return descriptor

    # What the service is given.

    def listen(self, host: str = "127.0.0.1") -> int:
        """Opens one more socket to pass and returns its port."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family)
        listener.bind((host, 0))
        listener.listen(512)
        return self.pass_socket(listener).getsockname()[1]

    def pass_socket(self, passed: socket.socket, name: str = "evrelay.socket") -> socket.socket:
        self.sockets.append((name, passed))
        return passed

    def environment(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        passed = self._passed()
        told = {"NOTIFY_SOCKET": self.address}
        if passed:
            told |= {"LISTEN_FDS": str(len(passed)), "LISTEN_FDNAMES": ":".join(name for name, _ in passed)}
        if self.store_size is not None:
            told["FDSTORE"] = str(self.store_size)
        return told | (extra or {})

    def _passed(self) -> list[tuple[str, int]]:
        return [(name, each.fileno()) for name, each in self.sockets] + self.kept

    def command(self) -> tuple[list[str], list[int]]:
        """What stands in front of the service's command, and the descriptors that it needs."""
        descriptors = [descriptor for _, descriptor in self._passed()]
        # -I and -S: nothing of this Python is wanted but the system calls.
        return [sys.executable, "-I", "-S", str(_PASS_ON), ",".join(map(str, descriptors))], descriptors

    def start(self, *flags: str, extra: dict[str, str] | None = None, **options) -> Relay:
        """Starts a process of the service, on the passed sockets if there are any."""
        prefix, descriptors = self.command()
        listening = {"listen": "systemd"} if self.sockets else {}
        relay = Relay(*flags, **listening, extra=self.environment(extra), prefix=prefix,
                      descriptors_passed=descriptors, **options)
        self.started.append(relay)
        return relay

    def end(self, relay: Relay, number: int = signal.SIGUSR2):
        """Ends a process well, by default as a restart does, and hears the last it has to say."""
        relay.signal(number)
        self.see_end(relay)

    def see_end(self, relay: Relay):
        """Waits for the end of a process that was told to."""
        status = relay.wait(10)
        self.catch_up()
        relay.close()
        assert status == 0, relay.lines[-20:]
