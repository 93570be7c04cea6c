# SPDX-License-Identifier: MIT
"""One connection on which an input is made ready before it is sent, so that it comes as fast as the server takes it."""

import select
import socket
import ssl
import time

from wire import TLSPort

SECONDS = 15
_PIECE = 1 << 20
_NOT_NOW = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Line:
    """Plain, or TLS 1.3 over memory: then records are made by `seal`, and sent when it is time. Counts in `sent` each
    byte that the server gets, those of the handshake included."""

    def __init__(self, port: int, source: str = "", session: ssl.SSLSession | None = None, name: str = "localhost"):
        self.sent = 0
        self.has_ended = False
        self._seen = 0
        self._tail = b""
        self._tls: ssl.SSLObject | None = None
        self.socket = socket.socket()
        try:
            if source:
                self.socket.bind((source, 0))
            self.socket.settimeout(SECONDS)
            self.socket.connect(("127.0.0.1", int(port)))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if isinstance(port, TLSPort):
                self._shake_hands(port.context, session, name)
            self.socket.setblocking(False)
        except BaseException:
            self.socket.close()
            raise

    def _shake_hands(self, context: ssl.SSLContext, session: ssl.SSLSession | None, name: str):
        self._in, self._sealed = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._sealed, server_hostname=name, session=session)
        while True:
            try:
                self._tls.do_handshake()
                return self._send_all(self._sealed.read())
            except ssl.SSLWantReadError:
                self._send_all(self._sealed.read())
                data = self.socket.recv(65536)
                if not data:
                    raise ConnectionError("the server ended the handshake") from None
                self._in.write(data)

    def _send_all(self, data: bytes):
        self.socket.sendall(data)
        self.sent += len(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @property
    def is_resumed(self) -> bool:
        return self._tls.session_reused

    @property
    def session(self) -> ssl.SSLSession:
        return self._tls.session

    def seal(self, data: bytes, piece: int = 16384) -> bytes:
        """The bytes that stand for these on the socket, with TLS in records of `piece`; to be sent in this order."""
        if not self._tls:
            return data
        for start in range(0, len(data), piece):
            self._tls.write(data[start:start + piece])
        return self._sealed.read()

    def exchange(self, data: bytes, mark: bytes = b"HTTP/1.1 200 ", count: int = 1):
        """Sends what `seal` has made and reads along, until `mark` has come so many times; fails if it does not."""
        seen = self.push(data, mark, count)
        if seen < count:
            raise AssertionError(f"{seen} times {mark!r} instead of {count}, then {self._tail!r}")

    def push(self, data: bytes, mark: bytes, count: int) -> int:
        """The same for an input that the server may cut, or whose answers are not waited for: how many marks came."""
        view = memoryview(data)
        poll = select.poll()
        deadline = time.monotonic() + SECONDS
        at = 0
        while (at < len(view) or self._seen < count) and not self.has_ended:
            poll.register(self.socket, select.POLLIN | (select.POLLOUT if at < len(view) else 0))
            ready = poll.poll(1000)
            if time.monotonic() > deadline:
                raise AssertionError(f"{self._seen} times {mark!r} in {SECONDS} s instead of {count}; {at} bytes sent")
            events = ready[0][1] if ready else 0
            try:
                if events & select.POLLOUT:
                    taken = self.socket.send(view[at:at + _PIECE])
                    at += taken
                    self.sent += taken
                if events & ~select.POLLOUT:
                    window = self._tail + self._read()
                    self._seen += window.count(mark)
                    self._tail = window[-(len(mark) - 1):]
            except BlockingIOError:
                continue
            except ConnectionError:
                self.has_ended = True
        seen, self._seen = self._seen, 0
        return seen

    def _read(self) -> bytes:
        data = self.socket.recv(1 << 18)
        if not data:
            self.has_ended = True
        if not self._tls:
            return data
        self._in.write(data)
        text = bytearray()
        try:
            while piece := self._tls.read(1 << 18):
                text += piece
        except _NOT_NOW:
            pass
        except ssl.SSLError:
            self.has_ended = True
        return bytes(text)

    def drip(self, data: bytes, mark: bytes = b"HTTP/1.1 200 "):
        """Sends each byte in a packet of its own; then `mark` must come."""
        for index in range(len(data) - 1):
            try:
                self.sent += self.socket.send(data[index:index + 1])
            except BlockingIOError:
                # The kernel holds as many small packets as it will; the next one waits for its turn.
                select.select([], [self.socket], [], 1)
                self.sent += self.socket.send(data[index:index + 1])
        self.exchange(data[-1:], mark)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()
