# SPDX-License-Identifier: MIT
"""No key, token, secret or password is in anything that the relay says: its log, its answers, its command's messages.

One test sends every kind of secret in every way to every address, also where they are refused, and then searches all
that came out, in each form of log.
"""

import base64
import hashlib
import ipaddress
import itertools
import re
import signal
import socket
import urllib.parse

import pytest

import pictures
from credentials import Issuer, basic, bearer, hashed, new_key, write_keys
from relay import run_binary
from viewer import Watcher
from waiting import wait_until
from wire import ConnectionEnded, Wire

TARGETS = [
    "/", "/watch", "/watch/door", "/camera", "/camera?camera=door", "/doctor", "/doctor/info", "/cameras",
    "/cameras/door", "/cameras/none", "/snapshot", "/snapshot/door", "/snapshot/door.jpg", "/snapshot/none", "/snapshot/door?max_age=1",
    "/stream/door?frames=1", "/stream/a%00b", "/?action=stream&frames=1", "/?action=snapshot", "/?action=", "/metrics",
    "/healthz", "/readyz", "/none", "/none.js", "/upload", "/upload/door", "/live", "/doctor/socket",
]
NUMBERS = itertools.count()
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE"]


class Secrets:
    """What must never come out, in every writing in which it could."""

    def __init__(self, folder):
        self.good, self.wrong, self.password = new_key(), new_key(), new_key()
        self.issuer = Issuer(folder)
        self.token, self.ended = self.issuer.token(cameras=["*"]), self.issuer.token(exp=1)
        self.forged = self.issuer.token(secret=b"z" * 40)
        self.credentials = [self.good, self.wrong, self.token, self.ended, self.forged, self.password]

    def writings(self) -> set[str]:
        found = {self.issuer.secret.decode()}
        for secret in self.credentials:
            plain = secret.encode()
            found |= {secret, urllib.parse.quote(secret, safe=""), hashlib.sha256(plain).hexdigest(),
                      base64.b64encode(plain).decode().rstrip("="),
                      basic(secret).removeprefix("Authorization: Basic ").rstrip("="),
                      # A token's signature alone, and a key's first half, are too much as well.
                      secret.rpartition(".")[2], secret[:16] if "." not in secret else secret.rpartition(".")[2][:16]}
        return found

    def found_in(self, text: str) -> set[str]:
        return {each for each in self.writings() if each in text}


def ask(relay, request: bytes) -> str:
    """All that comes back to these bytes, pictures left out."""
    with Wire(relay.plain_port) as wire:
        wire.send_unless_ended(request)
        try:
            head = wire.take_through(b"\r\n\r\n")
            if b"image/" in head or b"multipart" in head:
                return head.decode("latin-1")
            wire.ends_within(5)
            return (head + wire.buffer).decode("latin-1")
        except ConnectionEnded:
            return bytes(wire.buffer).decode("latin-1")


def request(method: str, target: str, *fields: str, body: bytes = b"") -> bytes:
    length = [f"Content-Length: {len(body)}"] if method in ("POST", "PUT") else []
    # Each comes from a client of its own, as a trusted proxy says: wrong keys of one client are answered ever later.
    client = ipaddress.ip_address("10.0.0.1") + next(NUMBERS)
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close", f"X-Forwarded-For: {client}",
             *fields, *length]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def with_key(target: str, credential: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}key={credential}"


def conversation(relay, secrets: Secrets) -> str:
    """Everything in every way; returns all answers."""
    frame = pictures.numbered(1)
    said = []
    for credential in secrets.credentials:
        for target in TARGETS:
            referer = f"Referer: http://localhost/?key={credential}"
            said.append(ask(relay, request("GET", with_key(target, credential), referer)))
            said.append(ask(relay, request("GET", target, bearer(credential), f"Cookie: key={credential}")))
            said.append(ask(relay, request("GET", target, basic(credential), "Accept: text/html")))
        for method in METHODS:
            said.append(ask(relay, request(method, with_key("/snapshot/door", credential), bearer(credential))))
        for name in ("door", "a%2Fb", "none"):
            for kind, body in (("image/jpeg", frame), ("image/jpeg", b"no picture"), ("text/plain", b"x"),
                               (f"multipart/x-mixed-replace; boundary={credential[:60]}", b"x")):
                said.append(ask(relay, request("POST", with_key(f"/upload/{name}", credential), f"Content-Type: {kind}",
                                               "X-Publisher-ID: the-very-same", bearer(credential), body=body)))
        # Heads that are refused before anybody looks at what they ask for.
        twice = f"Authorization: Bearer {credential}\r\n" * 2
        for broken in (f"GET /?key={credential} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                       f"GET /?key={credential} nonsense\r\n\r\n", f"GET /?key={credential} HTTP/9.9\r\n\r\n",
                       f"GET /snapshot?key={credential}&key={credential} HTTP/1.0\r\n\r\n",
                       f"GET / HTTP/1.0\r\n{twice}\r\n",
                       f"GET /{'x' * 9000}?key={credential} HTTP/1.1\r\n\r\n",
                       f"GET /snapshot?{credential}=1 HTTP/1.0\r\nAuthorization: {credential}\r\n\r\n",
                       f"GET http://u:{credential}@localhost/snapshot HTTP/1.0\r\n\r\n"):
            said.append(ask(relay, broken.encode()))
        # Through a proxy, from another host's page, and under another name.
        for field in (f"Forwarded: for={credential}", f"Origin: https://{credential[:30].lower()}.example",
                      "Upgrade: websocket\r\nConnection: Upgrade"):
            said.append(ask(relay, request("GET", with_key("/cameras", credential), field)))
    return "\n".join(said)


@pytest.mark.parametrize("form", [[], ["--log-format", "json"]], ids=["text", "json"])
def test_no_secret_is_in_any_line_or_answer(start_relay, authority, tmp_path, form):
    secrets = Secrets(tmp_path)
    keys = write_keys(tmp_path / "keys", f"{secrets.good} publish,view,observe * remark",
                      f"{hashed(secrets.password)} view yard")
    relay = start_relay(
        "--private", "--keys", str(keys), *secrets.issuer.flags, "--log-level", "debug",
        "--trusted-proxy", "127.0.0.1", "--hsts", "1h", *form, pairs=[authority.local()],
        expected_problems=("reload failed", "refused"))
    with Wire(relay.tls_port) as wire:
        wire.request("GET", f"/snapshot/none?key={secrets.good}")
        assert wire.response().status == 404
    watcher = Watcher(relay.plain_port, f"/stream/door?key={secrets.token}")
    answers = conversation(relay, secrets)
    for target in ("/metrics", "/cameras", "/cameras/door", "/doctor/info"):
        answers += relay.get(target, bearer(secrets.good)).body.decode()
    # A reload that works and one that does not, whose messages name lines of the files.
    relay.signal(signal.SIGHUP)
    relay.wait_for_line("reloaded")
    write_keys(keys, f"{secrets.good} publish,nothing *", f"{secrets.wrong} ")
    relay.signal(signal.SIGHUP)
    relay.wait_for_line("reload failed")
    watcher.stop()
    relay.stop()
    log = "\n".join(relay.lines)
    assert len(relay.lines) > 100 and len(answers) > 10_000
    assert secrets.found_in(log) == set(), [line for line in relay.lines if secrets.found_in(line)][:5]
    # Two answers carry a key to where it came from: a page's address, in the one place of it that no server sees.
    for redirect in re.findall(r"^Location: \S*#key=\S+\r?\n", answers, re.MULTILINE | re.IGNORECASE):
        answers = answers.replace(redirect, "")
    assert secrets.found_in(answers) == set()


def test_every_answer_forbids_to_pass_the_address_on(relay):
    """Else a page's address, with its key, would go to every site that it links to."""
    relay.upload(pictures.numbered(1), "door")
    for target in TARGETS:
        answer = ask(relay, request("GET", target))
        assert re.search(r"^Referrer-Policy: no-referrer\r$", answer, re.MULTILINE | re.IGNORECASE), answer[:600]
        assert re.search(r"^X-Content-Type-Options: nosniff\r$", answer, re.MULTILINE | re.IGNORECASE), answer[:600]


def test_a_stream_opened_as_a_page_carries_its_key_where_no_server_sees_it(relay):
    answer = relay.get("/stream/door?key=abcdefghijklmnopqrstuvwx", "Accept: text/html", "Sec-Fetch-Dest: document")
    assert 300 <= answer.status < 400 and answer.headers["location"].endswith("#key=abcdefghijklmnopqrstuvwx"), answer
    assert "?key=" not in answer.headers["location"] and b"abcdefghijklmnop" not in answer.body


def test_the_journal_gets_no_secret(start_under_journal, tmp_path):
    secrets = Secrets(tmp_path)
    keys = write_keys(tmp_path / "keys", f"{secrets.good} publish,view,observe *")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(tmp_path / "socket"))
        journal.settimeout(10)
        relay = start_under_journal("--private", "--keys", str(keys), *secrets.issuer.flags, "--log-level", "debug",
                                    socket_folder=str(tmp_path))
        entries = [journal.recv(65536).decode()]
        while "EVRELAY_EVENT=listening" not in entries[-1]:
            entries.append(journal.recv(65536).decode())
        port = int(re.search(r"EVRELAY_URL=http://127\.0\.0\.1:(\d+)", entries[-1]).group(1))
        for credential in (secrets.good, secrets.token, secrets.ended):
            for target in ("/snapshot/door", "/cameras", "/", "/none", "/stream/door?frames=1&fps=x"):
                for fields in ([], [bearer(credential)]):
                    with Wire(port) as wire:
                        wire.request("GET", with_key(target, credential), "Connection: close", *fields)
                        wire.response()
        relay.end()
        journal.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                entries.append(journal.recv(65536).decode())
    assert len(entries) > 10
    assert secrets.found_in("\n".join(entries)) == set()


def test_what_the_command_says_of_a_wrong_file_has_no_key_in_it(tmp_path):
    key = new_key()
    for line in (f"{key} watch door", f"{key}", f"{key} view", f"{key}.x view *", f"view * {key}", f"{key * 5} view *"):
        done = run_binary("--check", "--keys", str(write_keys(tmp_path / "keys", line)))
        assert done.returncode == 78 and key not in done.stdout + done.stderr, done


def test_viewers_and_pages_see_no_key_of_others(start_relay, tmp_path):
    key = new_key()
    keys = write_keys(tmp_path / "keys", f"{key} publish *")
    relay = start_relay("--keys", str(keys))
    with relay.connect() as wire:
        wire.upload(pictures.numbered(1), f"door?key={key}")
        answer = wire.response("POST")
        assert answer.status == 200 and key not in str(answer)
    for target in ("/cameras", "/metrics", "/doctor/info", "/"):
        assert key.encode() not in relay.get(target).body
    wait_until(lambda: relay.log_lines("camera live"))
    assert not relay.log_lines(key)
