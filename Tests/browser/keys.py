# SPDX-License-Identifier: MIT
"""Keys and tokens as a relay's operator, or a site's own back end, makes them; and who asked for what."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time

SECRET = "0123456789abcdef0123456789abcdef-a-test's-secret"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(rights, cameras, seconds=3600, start=None, secret=SECRET):
    """A JSON Web Token with these rights that ends in so many seconds; another secret forges one."""
    claims = {"exp": time.time() + seconds, "rights": rights.split(","), "cameras": cameras.split(",")}
    if start is not None:
        claims["nbf"] = time.time() + start
    parts = [encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signature = hmac.new(secret.encode(), b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, encoded(signature)]).decode()


class Keys:
    """A file of keys and one with a secret, and the flags that name them."""

    def __init__(self, folder):
        self.lines = []
        self.path, self.secret = folder / "keys", folder / "secret"
        self.secret.write_text(SECRET + "\n")
        self._write()
        self.secret.chmod(0o600)
        self.flags = ["--keys", str(self.path), "--token-secret", str(self.secret), "--token-leeway", "0s"]

    def add(self, rights, cameras="*"):
        """A new key with these rights."""
        key = secrets.token_urlsafe(24)
        self.lines.append(f"{key} {rights} {cameras} for a test")
        self._write()
        return key

    def remove(self, key):
        self.lines = [line for line in self.lines if not line.startswith(key)]
        self._write()

    def _write(self):
        self.path.write_text("".join(line + "\n" for line in self.lines))
        self.path.chmod(0o600)


class Witness:
    """Sees all that a page asks for and says, so that a secret cannot pass unseen."""

    def __init__(self, page):
        self.page, self.requests, self.denied, self.said = page, [], [], []
        page.on("request", lambda request: self.requests.append(request))
        page.on("response", lambda response: response.status in (401, 403, 421, 429) and self.denied.append(response))
        page.on("console", lambda message: self.said.append(message.text))

    def assert_silent(self, secret):
        """The secret is in no Referer, address bar, title, text or link of the page; no answer asks for a password."""
        page = self.page
        for request in self.requests:
            headers = request.all_headers()
            assert secret not in headers.get("referer", ""), request.url
            # Only what can send no header carries it in its address, and what somebody opened with it.
            if secret in request.url:
                assert request.resource_type in ("image", "websocket", "document"), request.url
        for answer in self.denied:
            assert not re.search(r"\bBasic\b", answer.header_value("www-authenticate") or ""), answer.url
        assert secret not in page.url and secret not in page.title()
        assert secret not in page.evaluate("document.documentElement.textContent")
        links = page.evaluate("[...document.querySelectorAll('[href]')].map((one) => one.getAttribute('href'))")
        assert not any(secret in link for link in links)
        # Chromium names the address of whatever fails to load: a failed image is not to be part of a good way.
        assert not any(secret in text for text in self.said)
