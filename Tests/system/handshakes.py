# SPDX-License-Identifier: MIT
"""TLS from outside: openssl's own client, and handshake messages by hand for what no client would send."""

import dataclasses
import os
import re
import socket
import struct
import subprocess

# Record types, alerts and versions by the names of RFC 8446.
ALERT, HANDSHAKE = 21, 22
HANDSHAKE_FAILURE, PROTOCOL_VERSION, NO_APPLICATION_PROTOCOL = 40, 70, 120
TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 = 0x0301, 0x0302, 0x0303, 0x0304
ONE_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclasses.dataclass(frozen=True)
class Said:
    """What `openssl s_client` printed, and its exit status."""

    text: str
    status: int

    def find(self, pattern: str) -> str | None:
        """The first group of the first match, or the match itself."""
        found = re.search(pattern, self.text, re.MULTILINE)
        return found and found.group(found.re.groups and 1)

    @property
    def version_and_cipher(self) -> tuple[str | None, str | None]:
        return self.find(r"^(?:New|Reused), (TLSv[0-9.]+), Cipher is"), self.find(r", Cipher is (\S+)$")

    @property
    def is_resumed(self) -> bool:
        return bool(self.find("^Reused, "))

    @property
    def certificates(self) -> list[str]:
        return re.findall(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", self.text, re.DOTALL)

    @property
    def serial(self) -> int:
        """The serial number of the certificate that was shown."""
        done = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=self.certificates[0], text=True,
                              capture_output=True, check=True, timeout=20)
        return int(done.stdout.strip().removeprefix("serial="), 16)


def s_client(port: int, *flags: str, name: str | None = "localhost", send: bytes = ONE_REQUEST) -> Said:
    """One connection of openssl's client, which sends one request and waits for the end."""
    named = ["-servername", name] if name else ["-noservername"]
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{int(port)}", "-ign_eof", *named, *flags], input=send,
        capture_output=True, timeout=30, env={**os.environ, "OPENSSL_CONF": "/dev/null"})
    return Said((done.stdout + done.stderr).decode("latin-1"), done.returncode)


def _extension(number: int, body: bytes) -> bytes:
    return struct.pack(">HH", number, len(body)) + body


def _numbers(length: str, numbers) -> bytes:
    body = b"".join(struct.pack(">H", number) for number in numbers)
    return struct.pack(length, len(body)) + body


def record(kind: int, body: bytes, version: int = TLS_1_0) -> bytes:
    return struct.pack(">BHH", kind, version, len(body)) + body


def client_hello(suites, version: int = TLS_1_2, protocols: tuple[bytes, ...] = (), more: bytes = b"") -> bytes:
    """A ClientHello of this version with these cipher suites, in one record. TLS 1.3 gets an X25519 share that any
    server takes, and which nobody can go on with."""
    host = b"localhost"
    extensions = (
        _extension(0, struct.pack(">HBH", len(host) + 3, 0, len(host)) + host)
        + _extension(10, _numbers(">H", (0x001D, 0x0017, 0x0018, 0x0019)))
        + _extension(11, b"\x01\x00")
        + _extension(13, _numbers(">H", (0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501, 0x0203, 0x0201))))
    if version == TLS_1_3:
        extensions += _extension(43, b"\x02\x03\x04") + _extension(45, b"\x01\x01")
        extensions += _extension(51, struct.pack(">HHH", 36, 0x001D, 32) + b"\x09" + bytes(31))
    if protocols:
        listed = b"".join(struct.pack("B", len(name)) + name for name in protocols)
        extensions += _extension(16, struct.pack(">H", len(listed)) + listed)
    extensions += more
    body = (struct.pack(">H", min(version, TLS_1_2)) + os.urandom(32) + b"\x00" + _numbers(">H", suites) + b"\x01\x00"
            + struct.pack(">H", len(extensions)) + extensions)
    return record(HANDSHAKE, b"\x01" + len(body).to_bytes(3, "big") + body)


@dataclasses.dataclass(frozen=True)
class Answer:
    """A server's first record: an alert's number, or the cipher suite of its hello. Neither if the connection ended."""

    alert: int | None = None
    suite: int | None = None


def answer_to(port: int, *records: bytes, seconds: float = 10) -> Answer:
    """What a server says to these bytes."""
    with socket.create_connection(("127.0.0.1", int(port)), seconds) as connection:
        for each in records:
            connection.sendall(each)
        data = b""
        try:
            while len(data) < 5 or len(data) < 5 + int.from_bytes(data[3:5], "big"):
                more = connection.recv(65536)
                if not more:
                    return Answer()
                data += more
        except ConnectionResetError:
            return Answer()
    if data[0] == ALERT:
        return Answer(alert=data[6])
    assert data[0] == HANDSHAKE and data[5] == 2, f"neither an alert nor a ServerHello: {data[:100]!r}"
    behind_session = 44 + data[43]
    return Answer(suite=int.from_bytes(data[behind_session:behind_session + 2], "big"))
