# SPDX-License-Identifier: MIT
"""An authority of the tests' own, and certificates of every kind: good ones, and those that somebody must refuse."""

import dataclasses
import datetime
import ipaddress
import pathlib
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
_KEYS = {"ec": lambda: ec.generate_private_key(ec.SECP256R1()), "rsa": lambda: rsa.generate_private_key(65537, 2048)}


@dataclasses.dataclass(frozen=True)
class Pair:
    """A certificate with what leads to its authority, its private key, and the authority's own certificate."""

    certificate: pathlib.Path
    key: pathlib.Path
    authority: pathlib.Path

    @property
    def flags(self) -> list[str]:
        return ["--tls-certificate", str(self.certificate), "--tls-key", str(self.key)]

    @property
    def serial(self) -> int:
        return x509.load_pem_x509_certificate(self.certificate.read_bytes()).serial_number

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as hexadecimal digits."""
        return x509.load_pem_x509_certificate(self.certificate.read_bytes()).fingerprint(hashes.SHA256()).hex()

    def context(self) -> ssl.SSLContext:
        """A client's settings that trust this pair's authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.authority))

    def replace_by(self, other: "Pair"):
        """Puts another pair into this pair's files, each at once, as certbot does."""
        for own, others in ((self.certificate, other.certificate), (self.key, other.key)):
            _write(own.with_suffix(".new"), others.read_bytes())
            own.with_suffix(".new").rename(own)


def _write(path: pathlib.Path, data: bytes, mode: int = 0o600) -> pathlib.Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def key_of_kind(kind: str):
    """A new private key: `ec` (P-256) or `rsa` (2048 bits)."""
    return _KEYS[kind]()


def key_bytes(key, password: bytes | None = None) -> bytes:
    protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


class Authority:
    """Signs certificates into its folder; each pair has a folder of its own."""

    def __init__(self, folder: pathlib.Path, title: str = "Tests", above: "Authority | None" = None):
        self.folder = folder
        self._count = 0
        self._title = title
        self._above = above
        self._key = key_of_kind("ec")
        signer = above or self
        now = datetime.datetime.now(datetime.UTC)
        self.own = self._builder(title, self._key, signer, now - 3 * DAY, now + 99 * DAY).add_extension(
            x509.BasicConstraints(ca=True, path_length=None if above is None else 0), critical=True).add_extension(
            x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True).sign(
            signer._key, hashes.SHA256())
        self.path = _write(folder / f"{title}.pem", self.own.public_bytes(serialization.Encoding.PEM), 0o644)

    @staticmethod
    def _builder(subject: str, key, signer: "Authority", begin, end) -> x509.CertificateBuilder:
        return x509.CertificateBuilder(
            _name(signer._title), _name(subject), key.public_key(), x509.random_serial_number(), begin, end
        ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer._key.public_key()), critical=False)

    def intermediate(self) -> "Authority":
        """An authority that this one vouches for."""
        return Authority(self.folder, "Between", above=self)

    def pair(self, *names: str, kind: str = "ec", begin: datetime.timedelta = -HOUR,
             end: datetime.timedelta = 90 * DAY, password: bytes | None = None) -> Pair:
        """A new key and its certificate for these names and addresses, valid from `begin` to `end` from now."""
        self._count += 1
        folder = self.folder / f"{self._title}-{self._count}"
        folder.mkdir()
        key = key_of_kind(kind)
        now = datetime.datetime.now(datetime.UTC)
        certificate = self._builder(names[0], key, self, now + begin, now + end).add_extension(
            x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False).add_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=True).sign(self._key, hashes.SHA256())
        chain, authority = [certificate], self
        while authority._above:
            chain.append(authority.own)
            authority = authority._above
        pem = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain)
        return Pair(_write(folder / "fullchain.pem", pem, 0o644),
                    _write(folder / "privkey.pem", key_bytes(key, password)), authority.path)

    def expired(self, *names: str) -> Pair:
        return self.pair(*names, begin=-2 * DAY, end=-HOUR)

    def local(self, **options) -> Pair:
        """A pair for this machine as the tests call it."""
        return self.pair("localhost", "127.0.0.1", "127.0.0.2", "::1", **options)
