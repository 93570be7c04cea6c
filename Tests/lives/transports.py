# SPDX-License-Identifier: MIT
"""One connection that never blocks, in clear text or with TLS, and every way to end one's own side of it."""

import errno
import socket
import ssl
import struct
from collections.abc import Callable

TRANSPORTS = ("plain", "unix", "tls1.2", "tls1.3")
_NOT_NOW = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError)


class Link:
    """TLS runs over memory, so that what is sent is known before: a whole burst can be written in one turn, and a
    close_notify or FIN follows right behind the last byte.

    `ended` is how the other side has ended its side: `fin`, `close_notify` or `reset`; None while it has not.
    """

    def __init__(self, address, context: ssl.SSLContext | None = None, source: str = "", receive_buffer: int = 0):
        is_unix = isinstance(address, str)
        self.socket = socket.socket(socket.AF_UNIX if is_unix else socket.AF_INET)
        self.socket.setblocking(False)
        self.ended: str | None = None
        # Whether the other side's reset kept something from being sent.
        self.refused = False
        self.is_closed = False
        self.received = 0
        self._out = bytearray()
        self._ahead = bytearray()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if not is_unix:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if source:
                self.socket.bind((source, 0))
        self.connected = self.socket.connect_ex(address)
        self._tls: ssl.SSLObject | None = None
        if context:
            self._in, self._sealed = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._tls = context.wrap_bio(self._in, self._sealed, server_hostname="localhost")

    @property
    def has_tls(self) -> bool:
        return self._tls is not None

    @property
    def pending(self) -> int:
        return len(self._out)

    def has_connected(self) -> bool:
        """To be asked when the socket is writable; a unix socket whose backlog is full has to try again."""
        if self.connected in (errno.EAGAIN, errno.ECONNREFUSED, errno.ENOENT):
            return False
        problem = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            self.connected, self.ended = problem, "reset"
        return not problem

    def shake_hands(self) -> bool:
        """A step of the handshake; True when it is over. The bytes to send are queued."""
        if not self._tls:
            return True
        self._pull()
        try:
            self._tls.do_handshake()
            return True
        except _NOT_NOW:
            return False
        except ssl.SSLError as error:
            self.ended = self.ended or f"handshake: {error.reason}"
            return False
        finally:
            self._out += self._sealed.read()

    def queue(self, data: bytes):
        if not self._tls:
            self._out += data
            return
        try:
            for start in range(0, len(data), 1 << 20):
                self._tls.write(data[start:start + (1 << 20)])
        except ssl.SSLError:
            # The other side has ended the connection in the meantime.
            self.refused = True
        self._out += self._sealed.read()

    def sealed(self, data: bytes) -> bytes:
        """The bytes that stand for these on the socket; they must be sent in this order."""
        if not self._tls:
            return data
        self._tls.write(data)
        return self._sealed.read()

    def queue_raw(self, data: bytes):
        """Bytes that are records already."""
        self._out += data

    def queue_close_notify(self):
        """Whatever has come is read before, since libssl would drop it now; later bytes are read as ever."""
        if not self._tls:
            return
        while (data := self._unseal(1 << 18)):
            self._ahead += data
        try:
            self._tls.unwrap()
        except (*_NOT_NOW, ssl.SSLError):
            pass
        self._out += self._sealed.read()

    def flush(self) -> bool:
        """Sends what the socket takes; True when nothing is left to send."""
        while self._out:
            try:
                sent = self.socket.send(self._out[:1 << 20])
            except BlockingIOError:
                return False
            except OSError:
                self.refused = True
                self._out.clear()
                return True
            del self._out[:sent]
        return True

    def _pull(self):
        """Moves records from the socket to the TLS side."""
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            self.ended = self.ended or "reset"
            return
        if data:
            self._in.write(data)
        else:
            self.ended = self.ended or "fin"
            self._in.write_eof()

    def read(self, most: int = 1 << 18) -> bytes | None:
        """What has come, at most so much of it; None if nothing is there now, and b"" behind the end."""
        data = self._read_tls(most) if self._tls else self._read_plain(most)
        self.received += len(data or b"")
        return data

    def _read_plain(self, most: int) -> bytes | None:
        try:
            data = self.socket.recv(most)
        except BlockingIOError:
            return None
        except OSError:
            self.ended = "reset"
            return b""
        if not data:
            self.ended = self.ended or "fin"
        return data

    def _read_tls(self, most: int) -> bytes | None:
        if self._ahead:
            data = bytes(self._ahead[:most])
            del self._ahead[:most]
            return data
        data = self._unseal(most)
        if data is None and not self.ended:
            self._pull()
            data = self._unseal(most)
        return b"" if data is None and self.ended else data

    def _unseal(self, most: int) -> bytes | None:
        """What is in the records that are here already."""
        try:
            data = self._tls.read(most)
        except ssl.SSLZeroReturnError:
            data = b""
        except _NOT_NOW:
            return None
        except ssl.SSLError as error:
            # The end of the socket's data without a close_notify is one of these, too.
            self.ended = self.ended or f"TLS: {error.reason or error}"
            return b""
        # Of a close_notify Python tells by nothing at all, unless this side has said one, too.
        if not data:
            self.ended = "close_notify"
        return data

    # Ends of this side.

    def half_close(self):
        self._try(lambda: self.socket.shutdown(socket.SHUT_WR))

    def reset(self):
        """Closes with a RST; on a unix socket just closes."""
        self._try(lambda: self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)))
        self.close()

    def close(self):
        self.is_closed = True
        self.socket.close()

    @staticmethod
    def _try(step: Callable[[], None]):
        try:
            step()
        except OSError:
            pass


def contexts(authority: str) -> dict[str, ssl.SSLContext]:
    """A client's settings for each version of TLS."""
    made = {}
    for name, version in (("tls1.2", ssl.TLSVersion.TLSv1_2), ("tls1.3", ssl.TLSVersion.TLSv1_3)):
        made[name] = ssl.create_default_context(cafile=authority)
        made[name].minimum_version = made[name].maximum_version = version
    return made
