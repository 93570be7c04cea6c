# SPDX-License-Identifier: MIT
"""Draws requests for every address of docs/protocol.md, each with the answers that are right for whoever asks."""

import dataclasses
import random

from asks import NEVER, Ask, Body
from hostile_requests import CLOSE, HOSTILE
from plans import PASSING, RIGHT, VIEW_ONLY, WRONG, Settings

CAMERAS = ("canary", "door", "large", "still")
_RIGHTS = {RIGHT: {"publish", "view", "observe"}, PASSING: {"publish", "view", "observe"}, VIEW_ONLY: {"view"}}
# Any of these in a request means that somebody else than this machine may have asked.
PROXY_MARKS = ("X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "X-Real-IP: 192.0.2.1", "Via: 1.1 proxy",
               "X-Forwarded-Host: cam.example.org", "X-Forwarded-Proto: https", "X-Forwarded-Port: 443",
               "X-Forwarded-Server: proxy")
_UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")


def outcomes(settings: Settings, key: str, right: str, good: set[int]) -> frozenset[int]:
    """The statuses of a request that needs this right."""
    found: set[int] = set()
    for mode in settings.modes:
        is_open = right != "publish" and mode != "private" or mode == "local"
        if is_open or right in _RIGHTS.get(key, ()):
            found |= good
        if not is_open and right not in _RIGHTS.get(key, ()):
            found |= {403} if key in _RIGHTS else {401, 429}
        # A key is worthless once it is taken away; a wrong one may be refused where none is needed.
        if settings.has_keys and (key == PASSING or (key.startswith(WRONG) and is_open)):
            found |= {401}
        if key == VIEW_ONLY and right == "observe":
            found |= good
    return frozenset(found)


class Routes:
    """Draws from `random`, for a relay with these settings."""

    def __init__(self, random: random.Random, settings: Settings):
        self.random = random
        self.settings = settings

    def key(self) -> str:
        if not self.settings.has_keys:
            return ""
        return self.random.choice(("", RIGHT, RIGHT, VIEW_ONLY, PASSING, WRONG))

    def good_key(self) -> str:
        return RIGHT if self.settings.has_keys else ""

    def made(self, target: str, good: set[int], right: str = "", key: str | None = None, **options) -> Ask:
        """With the key in one of the ways in which it can be sent."""
        key = self.key() if key is None else key
        if self.settings.forgets and target.startswith(("/snapshot", "/cameras/", "/?action=snapshot")):
            good = good | {404}
        fields = tuple(options.pop("fields", ()))
        if key and self.random.random() < 0.5:
            target += ("&" if "?" in target else "?") + f"key={key}"
        elif key:
            fields = (*fields, f"Authorization: Bearer {key}")
        statuses = outcomes(self.settings, key, right, good) if right else frozenset(good)
        return Ask(target, statuses, fields=fields, **options)

    def versioned(self, ask: Ask, version: str = "") -> Ask:
        """Over one of the versions of HTTP, with or without the wish to go on."""
        if ask.raw or "Upgrade" in str(ask.fields):
            return ask
        version = version or self.random.choice(("1.1", "1.1", "1.1", "1.1 close", "1.1 TE", "1.0", "1.0 kept"))
        number, _, wish = version.partition(" ")
        wishes = {"close": ("Connection: close",), "TE": ("Connection: TE, close",),
                  "kept": ("Connection: keep-alive",)}
        if number == "1.0" and "chunked" in ask.body.kind:
            number = "1.1"
        return dataclasses.replace(ask, version=number, fields=ask.fields + wishes.get(wish, ()),
                                   closes=wish in ("close", "TE") or version == "1.0")

    def any(self) -> Ask:
        kinds = (self.page, self.status, self.status, self.snapshot, self.snapshot, self.stream, self.stream,
                 self.finite_stream, self.doctor, self.upload, self.upload, self.error, self.error)
        return self.versioned(self.random.choice(kinds)())

    def short(self) -> Ask:
        """One whose answer comes at once, and leaves the connection to the next."""
        return self.random.choice((self.page, self.status, self.snapshot, self.upload))()

    def page(self) -> Ask:
        target, status = self.random.choice((("/", 200), ("/camera", 200), ("/watch/door", 200), ("/watch", 308),
                                             ("/doctor", 200), ("/favicon.svg", 200)))
        return Ask(target, frozenset({status}), "page", method=self.random.choice(("GET", "GET", "HEAD")))

    def healthz(self) -> Ask:
        return Ask("/healthz", frozenset({200}))

    def status(self) -> Ask:
        kind = self.random.choice(("/healthz", "/healthz", "/readyz", "/metrics", "/cameras", "/cameras/door",
                                   "/cameras/attic"))
        if kind in ("/healthz", "/readyz"):
            return Ask(kind, frozenset({200}))
        content = "text" if kind == "/metrics" else "json"
        return self.made(kind, {404} if "attic" in kind else {200}, "observe", content=content)

    def snapshot(self, camera: str = "", key: str | None = None) -> Ask:
        camera = camera or self.random.choice(CAMERAS)
        query, good = self.random.choice((("", {200}), (".jpg", {200}), ("?max_age=86400000", {200}),
                                          ("?max_age=1", {200, 503}), ("?after=0", {200}), ("?after=1", {200})))
        method = self.random.choice(("GET", "GET", "GET", "HEAD")) if "?" not in query else "GET"
        if self.random.random() < 0.1:
            return self.made(f"/?action=snapshot&camera={camera}", {200}, "view", key, content=f"jpeg {camera}")
        return self.made(f"/snapshot/{camera}{query}", good, "view", key, content=f"jpeg {camera}", method=method)

    def wait(self, camera: str = "", after: str = "", key: str | None = None) -> Ask:
        """A long poll: for a frame that comes, or for one that never does."""
        camera = camera or self.random.choice(("door", "still", "canary"))
        after = after or self.random.choice(("{now}", "{now}", str(NEVER), str(NEVER - 1)))
        return self.made(f"/snapshot/{camera}?after={after}", {200, 204}, "view", key, content=f"jpeg {camera}",
                         waits_for=camera)

    def stream(self, camera: str = "", key: str | None = None, query: str = "") -> Ask:
        camera = camera or self.random.choice((*CAMERAS, "not-yet"))
        query = query or self.random.choice(("", "", "?fps=5", "?advance_headers=1", "?fps=0.5", "?fps=1000"))
        if self.random.random() < 0.1 and not query:
            return self.made(f"/?action=stream&camera={camera}", {200}, "view", key, content=f"stream {camera}",
                             closes=True)
        return self.made(f"/stream/{camera}{query}", {200}, "view", key, content=f"stream {camera}")

    def finite_stream(self, camera: str = "", key: str | None = None, frames: int = 0) -> Ask:
        camera = camera or self.random.choice(CAMERAS)
        frames = frames or (self.random.choice((1, 1, 2, 4)) if camera == "canary" else 1)
        form = self.random.choice(("", "&advance_headers=1"))
        return self.made(f"/stream/{camera}?frames={frames}{form}", {200}, "view", key, content=f"stream {camera}",
                         frames=frames)

    def doctor(self) -> Ask:
        return self.random.choice((self.doctor_info, self.doctor_stream, self.doctor_echo, self.doctor_findings,
                                   self.doctor_socket))()

    def doctor_info(self) -> Ask:
        """Numbers are told to those who may look on; with a key that may not last, one knows nothing of it."""
        key = self.key()
        secret = ("cameras", "viewers") if self.settings.modes == {"private"} and key in ("", WRONG) else ()
        return self.made("/doctor/info", {200, 401, 429} if key == WRONG else {200}, "", key, secret=secret)

    def doctor_stream(self, parts: int = 0, interval: int = 50, size: int = 0) -> Ask:
        parts, size = parts or self.random.choice((1, 3, 10, 20)), size or self.random.choice((64, 5000, 65536))
        # There is a limit of them at a time.
        return Ask(f"/doctor/stream?parts={parts}&interval={interval}&bytes={size}", frozenset({200, 429, 503}),
                   f"lines {size}")

    def doctor_echo(self) -> Ask:
        size = self.random.choice((0, 1, 5000, 65536, 262144, 262145))
        # Refused before it is read; whoever goes on sending may miss the answer.
        return Ask("/doctor/echo", frozenset({413} if size > 262144 else {200, 503}), method="POST",
                   body=Body("bytes", size=size), fields=("Content-Type: application/octet-stream",),
                   may_just_end=size > 262144)

    def doctor_findings(self) -> Ask:
        """Measurements that are none."""
        size = self.random.choice((0, 1, 5000, 16384, 16385))
        return Ask("/doctor/findings", frozenset({413} if size > 16384 else {400, 503}), method="POST",
                   body=Body("bytes", size=size), fields=("Content-Type: application/json",), may_just_end=size > 16384)

    def doctor_socket(self) -> Ask:
        if self.random.random() < 0.5:
            return Ask("/doctor/socket", frozenset({426}))
        return Ask("/doctor/socket", frozenset({101, 429, 503}), "socket", fields=_UPGRADE)

    def upload(self, camera: str = "", key: str | None = None, size: int = -1) -> Ask:
        camera = camera or self.random.choice(("up-0", "up-1", "up-2"))
        size = size if size >= 0 else self.random.choice((0, 0, 70_000, 400_000))
        publisher = (f"X-Publisher-ID: publisher-{self.random.randrange(3)}",) if self.random.random() < 0.5 else ()
        method = self.random.choice(("POST", "POST", "PUT"))
        return self.made(f"/upload/{camera}", {200, 409}, "publish", key, method=method,
                         body=Body("frame", camera, size), fields=("Content-Type: image/jpeg", *publisher))

    def streaming_upload(self, kind: str = "", key: str | None = None) -> Ask:
        camera = self.random.choice(("up-0", "up-1", "up-2"))
        kind = kind or self.random.choice(("parts", "chunked parts"))
        body = Body(kind, camera, self.random.choice((0, 0, 70_000)), self.random.choice((1, 3, 10)),
                    self.random.choice((17, 1000, 1 << 16)))
        return self.made(f"/upload/{camera}", {200, 409}, "publish", key, method="POST", body=body,
                         fields=("Content-Type: multipart/x-mixed-replace; boundary=cut",))

    def marked_upload(self) -> Ask:
        """From this machine, but through a proxy as it seems."""
        ask = self.upload(key="", size=0)
        good = {403} if self.settings.access == "local" else {401, 403}
        mark = self.random.choice(PROXY_MARKS)
        return dataclasses.replace(ask, statuses=frozenset(good), fields=(*ask.fields, mark))

    def error(self) -> Ask:
        kind = self.random.randrange(4)
        if kind == 0:
            target, status, method = self.random.choice((
                ("/nothing/here", 404, "GET"), ("/stream", 405, "DELETE"), ("/stream", 501, "BREW"),
                ("/snapshot/.hidden", 400, "GET"), ("/upload", 405, "GET"), ("/healthz", 405, "POST")))
            return Ask(target, frozenset({status}), method=method)
        if kind == 1:
            return self.odd_target()
        if kind == 2:
            return Ask("/stream", frozenset({204}), "none", method="OPTIONS")
        hostile = self.random.choice(HOSTILE)
        statuses = {answer for answer in hostile.answers if answer != CLOSE}
        # Whether a right is looked at before a body's form is nobody's business here.
        statuses |= {401, 403, 404, 409, 429} if self.settings.has_keys else {409}
        return Ask(hostile.name, frozenset(statuses), "any", raw=hostile.data, may_just_end=CLOSE in hostile.answers
                   or len(hostile.data) > 4096, closes=hostile.must_end)

    def odd_target(self) -> Ask:
        target, method, good = self.random.choice((
            ("//x:y/", "GET", {400, 404}), ("//", "GET", {200, 400, 404}), ("//x:99999/", "GET", {400, 404}),
            ("///", "GET", {200, 400, 404}), ("/..;/", "GET", {400, 404}), ("/?#", "GET", {200, 400}),
            ("*", "OPTIONS", {200, 204, 400}), ("//[::1/", "GET", {400, 404}),
            ("//user@host:port/x", "GET", {400, 404}),
            ("http://localhost/healthz", "GET", {200, 400}), ("http://x:y/", "GET", {400, 404, 421})))
        return Ask(target, frozenset(good), "any", method=method)
