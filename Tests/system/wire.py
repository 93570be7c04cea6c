# SPDX-License-Identifier: MIT
"""HTTP by hand over one socket: requests as bytes, responses read strictly."""

import dataclasses
import json
import re
import socket
import ssl
import struct
import time


class ConnectionEnded(Exception):
    """The other side closed or reset the connection before what was waited for had come."""


@dataclasses.dataclass
class Response:
    version: str
    status: int
    headers: dict[str, str]
    body: bytes = b""

    def json(self) -> dict:
        assert self.headers.get("content-type") == "application/json; charset=utf-8", self
        return json.loads(self.body)


class RemotePort(int):
    """A port of another machine: whoever connects to it as to any other port does so at this address."""

    def __new__(cls, number: int, address: str = "127.0.0.1"):
        port = super().__new__(cls, number)
        port.address = address
        return port


class TLSPort(RemotePort):
    """A port where TLS is spoken: whoever connects to it as to any other port does so with these settings."""

    def __new__(cls, number: int, context: ssl.SSLContext, address: str = "127.0.0.1"):
        port = super().__new__(cls, number, address)
        port.context = context
        return port


class Wire:
    """One connection from the address `source`. Requests name `host`, and every read ends after `timeout` seconds."""

    def __init__(self, port: int, timeout: float = 20, receive_buffer: int | None = None, host: str = "localhost",
                 source: str = ""):
        self.host = host
        self.socket = socket.socket()
        if source:
            self.socket.bind((source, 0))
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        try:
            self.socket.connect((port.address if isinstance(port, RemotePort) else "127.0.0.1", port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if isinstance(port, TLSPort):
                # Its certificate is looked at for this name, whatever host a request names.
                self.socket = port.context.wrap_socket(self.socket, server_hostname="localhost")
        except OSError:
            self.socket.close()
            raise
        self.buffer = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with a TCP reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data: bytes):
        self.socket.sendall(data)

    def send_unless_ended(self, data: bytes) -> bool:
        """Sends, or returns False if the other side has ended the connection."""
        try:
            self.socket.sendall(data)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
            return False
        return True

    def request(self, method: str, target: str, *fields: str, version: str = "1.1", body: bytes = b""):
        head = [f"{method} {target} HTTP/{version}", f"Host: {self.host}", *fields]
        self.send("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    def upload(self, frame: bytes, camera: str = "", *fields: str):
        target = f"/upload/{camera}" if camera else "/upload"
        self.request("POST", target, "Content-Type: image/jpeg", f"Content-Length: {len(frame)}", *fields, body=frame)

    def _receive(self) -> bytes:
        """What came, or nothing at the end of the connection."""
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b""

    def fill(self):
        data = self._receive()
        if not data:
            raise ConnectionEnded(f"after {bytes(self.buffer[:200])!r}")
        self.buffer += data

    def take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self.fill()
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def take_through(self, mark: bytes) -> bytes:
        """What stands before the next `mark`, which is taken too."""
        while (found := self.buffer.find(mark)) < 0:
            self.fill()
        taken = self.take(found + len(mark))
        return taken[:-len(mark)]

    def rest(self) -> bytes:
        """Everything until the connection ends."""
        while data := self._receive():
            self.buffer += data
        return self.take(len(self.buffer))

    def _receive_within(self, seconds: float) -> bytes | None:
        """What comes within this time, nothing at the connection's end, or None. A readable socket proves nothing: TLS
        has messages of its own."""
        before = self.socket.gettimeout()
        self.socket.settimeout(max(seconds, 0.001))
        try:
            return self._receive()
        except TimeoutError:
            return None
        finally:
            self.socket.settimeout(before)

    def ends_within(self, seconds: float) -> bool:
        """Whether the other side ends the connection within this time; what it sends meanwhile is kept."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            data = self._receive_within(left)
            if data is not None and not data:
                return True
            self.buffer += data or b""
        return False

    def is_silent_for(self, seconds: float) -> bool:
        """Whether nothing comes for this time, not even an end; what comes is kept."""
        data = self._receive_within(seconds)
        self.buffer += data or b""
        return data is None

    def head(self) -> Response:
        """A response's head; fails unless it is a proper one."""
        lines = self.take_through(b"\r\n\r\n").decode("latin-1").split("\r\n")
        found = re.fullmatch(r"HTTP/(1\.[01]) (\d{3}) [ -~]*", lines[0])
        assert found, f"not a status line: {lines[0]!r}"
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            assert colon and re.fullmatch(r"[A-Za-z0-9-]+", name), f"not a header field: {line!r}"
            name, value = name.lower(), value.strip()
            # The one field that programs read right only when each challenge has its own.
            assert name not in headers or name == "www-authenticate", f"twice: {line!r}"
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return Response(found.group(1), int(found.group(2)), headers)

    def response(self, method: str = "GET") -> Response:
        """A whole response; one `100 Continue` before it is skipped."""
        response = self.head()
        if response.status == 100:
            response = self.head()
        if method == "HEAD" or response.status in (204, 304):
            return response
        if response.headers.get("transfer-encoding") == "chunked":
            while chunk := self.chunk():
                response.body += chunk
        elif "content-length" in response.headers:
            response.body = self.take(int(response.headers["content-length"]))
        else:
            response.body = self.rest()
        return response

    def chunk(self) -> bytes:
        """One chunk of a chunked body; the last one is empty."""
        size = self.take_through(b"\r\n")
        assert re.fullmatch(rb"[0-9a-fA-F]{1,8}", size), f"not a chunk size: {size!r}"
        data = self.take(int(size, 16))
        assert self.take(2) == b"\r\n", "no CRLF behind a chunk"
        return data
