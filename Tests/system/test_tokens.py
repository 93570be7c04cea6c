# SPDX-License-Identifier: MIT
"""Links that end: tokens that another program made, every good form and every kind of forgery."""

import base64
import hashlib
import hmac
import ipaddress
import itertools
import json
import secrets
import signal
import time

import jwt
import pytest

import pictures
from certificates import key_bytes, key_of_kind
from credentials import WAYS, Issuer, bearer, denied
from relay import run_binary
from viewer import Watcher
from waiting import wait_until


@pytest.fixture(scope="module")
def issuer(tmp_path_factory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
def relay(issuer):
    from conftest import running_relay
    with running_relay("--private", *issuer.flags, "--trusted-proxy", "127.0.0.1") as relay:
        assert publish(relay, issuer).status == 200
        yield relay


def publish(relay, issuer: Issuer, **claims):
    return relay.upload(pictures.numbered(1), "door", bearer(issuer.token(rights=["publish"], **claims)))


def look(relay, token: str, way: str = "bearer"):
    """One look with a token, from another client each time, as the proxy says: failures of one are answered later."""
    query, fields = WAYS[way](token)
    client = ipaddress.ip_address("10.0.0.1") + next(NUMBERS)
    return relay.get(f"/snapshot/door{query}", f"X-Forwarded-For: {client}", *fields)


NUMBERS = itertools.count()
NOW = int(time.time())
GOOD = {
    "as it should be": {}, "several rights": {"rights": ["publish", "view", "observe"]},
    "several cameras": {"cameras": ["yard", "door"]}, "a pattern": {"cameras": ["do*"]},
    "every camera": {"cameras": ["*"]},
    "begun": {"nbf": NOW - 10, "iat": NOW - 10}, "a fraction of a second": {"exp": NOW + 36_000.5},
    "for this server": {"aud": "evrelay"}, "for this server among others": {"aud": ["other", "evrelay"]},
    "with claims of the site's own": {"sub": "user-17", "iss": "https://example.org", "deep": {"a": [1, None]}},
    "far in the future": {"exp": 4_000_000_000},
}


@pytest.mark.parametrize("claims", GOOD.values(), ids=GOOD.keys())
@pytest.mark.parametrize("way", WAYS)
def test_a_good_token_is_taken_in_every_way(relay, issuer, claims, way):
    assert look(relay, issuer.token(**claims), way).status == 200


@pytest.mark.parametrize("headers", [{"typ": "JWT"}, {"typ": None}, {"typ": "jwt"}, {"kid": "2026"}])
def test_headers_that_change_nothing_are_fine(relay, issuer, headers):
    assert look(relay, issuer.token(headers=headers)).status == 200


TIMES = {
    "ended": ({"exp": NOW - 3600}, "token-expired"), "ended a minute ago": ({"exp": NOW - 60}, "token-expired"),
    "not yet begun": ({"nbf": NOW + 3600}, "token-not-yet-valid"),
}


@pytest.mark.parametrize(("claims", "reason"), TIMES.values(), ids=TIMES.keys())
def test_a_token_out_of_its_time_says_so(relay, issuer, claims, reason):
    denied(look(relay, issuer.token(**claims)), 401, reason)


def test_clocks_may_differ_by_the_leeway(relay, issuer):
    assert look(relay, issuer.token(exp=int(time.time()) - 5)).status == 200
    assert look(relay, issuer.token(nbf=int(time.time()) + 20)).status == 200


def test_rights_and_cameras_of_a_token_hold(relay, issuer):
    denied(look(relay, issuer.token(rights=["observe"])), 403, "right-missing")
    denied(look(relay, issuer.token(cameras=["yard"])), 403, "right-missing")
    elsewhere = "X-Forwarded-For: 203.0.113.7"
    denied(relay.upload(pictures.numbered(1), "door", bearer(issuer.token()), elsewhere), 403, "right-missing")
    denied(relay.get("/metrics", bearer(issuer.token())), 403, "right-missing")
    assert relay.get("/metrics", bearer(issuer.token(rights=["observe"]))).status == 200


WRONG_CLAIMS = {
    "no end": {"exp": None}, "an end in words": {"exp": "tomorrow"}, "an end as a string": {"exp": str(NOW + 600)},
    "an end that is true": {"exp": True}, "an end without end": {"exp": 1e400}, "an end below zero": {"exp": -1},
    "an end that overflows": {"exp": 10**30}, "no rights": {"rights": None}, "rights as a string": {"rights": "view"},
    "no right": {"rights": []}, "an unknown right": {"rights": ["watch"]}, "a number as a right": {"rights": [1]},
    "no cameras": {"cameras": None}, "cameras as a string": {"cameras": "door"}, "no camera": {"cameras": []},
    "a camera that is none": {"cameras": ["a/b"]}, "for another server": {"aud": "other"},
    "for other servers": {"aud": ["other", "another"]}, "for nobody": {"aud": []}, "a start in words": {"nbf": "now"},
    "an issue in words": {"iat": "now"},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
def test_wrong_and_missing_claims_are_refused(relay, issuer, claims):
    wanted = issuer.claims(**claims)
    token = forged(issuer, payload=json.dumps(wanted).replace("Infinity", "1e400"))
    denied(look(relay, token), 401, "token-invalid")


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(issuer: Issuer, header: str | None = None, payload: str | None = None, digest: str = "sha256") -> str:
    """A token by hand, rightly signed whatever it says."""
    signed = ".".join(encoded(part.encode()) for part in (
        header or '{"alg":"HS256","typ":"JWT"}', payload or json.dumps(issuer.claims())))
    return f"{signed}.{encoded(hmac.digest(issuer.secret, signed.encode(), digest))}"


def with_signature(token: str, change) -> str:
    signed, _, signature = token.rpartition(".")
    return f"{signed}.{change(signature)}"


FORGERIES = {
    "another secret": lambda i: i.token(secret=secrets.token_bytes(40)),
    "no algorithm": lambda i: jwt.encode(i.claims(), None, algorithm="none"),
    "no algorithm, but a signature": lambda i: forged(i, '{"alg":"none"}'),
    "None with capitals": lambda i: forged(i, '{"alg":"nOnE"}'),
    "HS384": lambda i: forged(i, '{"alg":"HS384"}', digest="sha384"),
    "HS512": lambda i: forged(i, '{"alg":"HS512"}', digest="sha512"),
    "HS512 that says HS256": lambda i: forged(i, digest="sha512"),
    "hs256 in small letters": lambda i: forged(i, '{"alg":"hs256"}'),
    "RS256": lambda i: jwt.encode(i.claims(), key_bytes(key_of_kind("rsa")), algorithm="RS256"),
    "ES256": lambda i: jwt.encode(i.claims(), key_bytes(key_of_kind("ec")), algorithm="ES256"),
    "no algorithm named": lambda i: forged(i, '{"typ":"JWT"}'),
    "two algorithms named": lambda i: forged(i, '{"alg":"none","alg":"HS256"}'),
    "another type": lambda i: i.token(headers={"typ": "at+jwt"}),
    "something critical": lambda i: forged(i, '{"alg":"HS256","crit":["exp"],"exp":1}'),
    "a payload that is not encoded": lambda i: forged(i, '{"alg":"HS256","b64":false,"crit":["b64"]}'),
    "no signature": lambda i: with_signature(i.token(), lambda s: ""),
    "half a signature": lambda i: with_signature(i.token(), lambda s: s[:20]),
    "a signature with a byte more": lambda i: with_signature(i.token(), lambda s: s + "AA"),
    "a signature of zeros": lambda i: with_signature(i.token(), lambda s: "A" * len(s)),
    "a padded signature": lambda i: with_signature(i.token(), lambda s: s + "="),
    "a signature with other last bits": lambda i: with_signature(i.token(), other_last_bits),
    "another payload": lambda i: ".".join([i.token().split(".")[0], i.token(cameras=["*"]).split(".")[1],
                                           i.token().split(".")[2]]),
    "a payload that is no JSON": lambda i: forged(i, payload="door"),
    "a payload that is a list": lambda i: forged(i, payload="[1]"),
    "a payload with something behind it": lambda i: forged(i, payload=json.dumps(i.claims()) + "{}"),
    "a claim twice": lambda i: forged(i, payload=json.dumps(i.claims(exp=1))[:-1] + f', "exp": {NOW + 600}}}'),
    "a payload without end": lambda i: forged(i, payload='{"exp":' + "[" * 1500),
    "an empty token": lambda i: "..", "four parts": lambda i: i.token() + ".x",
    "two parts": lambda i: i.token().rpartition(".")[0],
    "more than 4096 bytes": lambda i: i.token(more="x" * 4000),
}


def other_last_bits(signature: str) -> str:
    """The same bytes in another writing: the last character of 43 has two bits that stand for nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return signature[:-1] + letters[letters.index(signature[-1]) ^ 1]


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
@pytest.mark.parametrize("way", ["bearer", "query"])
def test_a_forgery_is_refused(relay, issuer, forge, way):
    answer = look(relay, forge(issuer), way)
    assert answer.status in (400, 401, 431), answer
    if answer.status == 401:
        assert answer.json()["reason"] in ("token-invalid", "key-wrong"), answer


def test_a_token_s_every_bit_counts(relay, issuer):
    token = issuer.token()
    for place in range(0, len(token), 7):
        other = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1:]
        assert look(relay, other).status == 401, f"character {place} of {other}"


def test_a_stream_ends_with_its_token(start_relay, issuer):
    relay = start_relay("--private", *issuer.flags, "--token-leeway", "0s", "--repeat-after", "200ms")
    assert publish(relay, issuer).status == 200
    ends_at = int(time.time()) + 3
    short = Watcher(relay.port, f"/stream/door?key={issuer.token(exp=ends_at)}")
    long = Watcher(relay.port, f"/stream/door?key={issuer.token()}")
    wait_until(lambda: short.ended, 20, "the end of the stream whose token has ended")
    assert short.closed_well and short.failure is None and -0.5 < time.time() - ends_at < 3
    relay.wait_for_line("viewer left .*reason=access-ended")
    assert not long.ended
    long.stop()
    short.stop()


def test_a_new_secret_revokes_every_token_and_ends_what_lives_by_one(start_relay, tmp_path):
    issuer = Issuer(tmp_path)
    relay = start_relay("--private", *issuer.flags, "--repeat-after", "200ms")
    assert publish(relay, issuer).status == 200
    token = issuer.token()
    watcher = Watcher(relay.port, f"/stream/door?key={token}")
    watcher.wait_for(1)
    renewed = Issuer(tmp_path)
    relay.signal(signal.SIGHUP)
    relay.wait_for_line(r" reloaded\b")
    wait_until(lambda: watcher.ended, 10, "the stream's end")
    assert watcher.closed_well
    watcher.stop()
    denied(look(relay, token), 401, "token-invalid")
    assert look(relay, renewed.token()).status == 200


def test_a_secret_that_is_too_short_or_too_long_is_refused(tmp_path):
    for size, status in ((31, 78), (32, 0), (4096, 0), (4097, 78)):
        issuer = Issuer(tmp_path, b"x" * size)
        done = run_binary("--check", *issuer.flags)
        assert done.returncode == status and (not status or str(issuer.path) in done.stderr), (size, done)


def test_with_a_secret_alone_this_machine_may_still_publish(start_relay, issuer):
    relay = start_relay(*issuer.flags)
    assert relay.upload(pictures.numbered(1), "door").status == 200
    assert relay.upload(pictures.numbered(1), "door", "X-Forwarded-For: 127.0.0.1").status in (401, 403)
    token = issuer.token(rights=["publish"])
    assert relay.upload(pictures.numbered(1), "door", "X-Forwarded-For: 127.0.0.1", bearer(token)).status == 200


def test_pyjwt_reads_what_the_relay_s_own_command_makes(start_relay, issuer):
    done = run_binary("link", "--camera", "door", "--rights", "view,publish", "--for", "1h", "--as", "stream",
                      "--public-url", "https://camera.example.test", *issuer.flags)
    assert done.returncode == 0 and done.stdout.startswith("https://camera.example.test/stream/door?key="), done
    token = done.stdout.strip().partition("?key=")[2]
    claims = jwt.decode(token, issuer.secret, algorithms=["HS256"], options={"require": ["exp", "rights", "cameras"]},
                        audience="evrelay" if "aud" in jwt.decode(token, options={"verify_signature": False}) else None)
    assert sorted(claims["rights"]) == ["publish", "view"] and claims["cameras"] == ["door"]
    assert abs(claims["exp"] - time.time() - 3600) < 60
    assert hashlib.sha256(issuer.secret).hexdigest() not in done.stdout
