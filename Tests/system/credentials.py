# SPDX-License-Identifier: MIT
"""Keys and tokens for tests: files of them, every way to send them, and tokens as other programs make them."""

import base64
import hashlib
import pathlib
import secrets
import time

import jwt

from wire import Response


def new_key() -> str:
    """A key as `evrelay key` makes them: 24 random bytes."""
    return secrets.token_urlsafe(24)


def hashed(key: str) -> str:
    """What may stand in the file in a key's place."""
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


def write_keys(path: pathlib.Path, *lines: str) -> pathlib.Path:
    """A file of keys that its owner alone may read; each line is `KEY RIGHTS CAMERAS [remark]`."""
    path.write_text("".join(f"{line}\n" for line in lines))
    path.chmod(0o600)
    return path


def bearer(credential: str) -> str:
    return f"Authorization: Bearer {credential}"


def basic(credential: str, user: str = "anybody") -> str:
    return "Authorization: Basic " + base64.b64encode(f"{user}:{credential}".encode()).decode()


# Every way in which a request may carry a credential, as (what follows the address, header fields).
WAYS = {
    "bearer": lambda credential: ("", [bearer(credential)]),
    "basic": lambda credential: ("", [basic(credential)]),
    "basic without a user": lambda credential: ("", [basic(credential, "")]),
    "query": lambda credential: (f"?key={credential}", []),
}


def get_with(relay, way: str, credential: str, target: str, method: str = "GET", **options) -> Response:
    query, fields = WAYS[way](credential)
    if "?" in target:
        query = query.replace("?", "&")
    return relay.get(target + query, *fields, method=method, **options)


def denied(answer: Response, status: int, reason: str) -> Response:
    """Checks a refusal, and the challenge that a 401 must carry and a 403 must not."""
    assert (answer.status, answer.json()["reason"]) == (status, reason), answer
    assert answer.json()["message"], answer
    challenge = answer.headers.get("www-authenticate", "")
    assert ("Basic realm=" in challenge and "Bearer realm=" in challenge) if status == 401 else not challenge, answer
    return answer


class Issuer:
    """A site's own back end, which makes tokens with PyJWT."""

    def __init__(self, folder: pathlib.Path, secret: bytes | None = None):
        self.secret = secret or secrets.token_urlsafe(32).encode()
        self.path = folder / "token-secret"
        self.path.write_bytes(self.secret + b"\n")
        self.path.chmod(0o600)

    @property
    def flags(self) -> list[str]:
        return ["--token-secret", str(self.path)]

    def claims(self, **changes) -> dict:
        """What a good token says; a change to None leaves a claim out."""
        claims = {"exp": int(time.time()) + 600, "rights": ["view"], "cameras": ["door"], **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, secret: bytes | None = None, headers: dict | None = None, **changes) -> str:
        return jwt.encode(self.claims(**changes), secret or self.secret, algorithm="HS256", headers=headers)
