# SPDX-License-Identifier: MIT
"""`evrelay link`: its tokens as another library reads them, where they lead, and what it refuses."""

import time

import jwt
import pytest

from commands import SECRET, folder, run, secret, token  # noqa: F401 (fixtures)


def claims(url: str) -> dict:
    return jwt.decode(token(url), SECRET, algorithms=["HS256"], options={"require": ["exp"]})


def test_a_link_is_a_token_that_another_library_reads(run, secret):
    before = int(time.time())
    done = run("link", "--camera", "door", "--rights", "view,publish", "--for", "24h", "--token-secret", secret)
    assert done.returncode == 0, done
    url = done.stdout.removesuffix("\n")
    assert url.startswith("https://cam.example.org/live/camera?camera=door#key="), done
    assert jwt.get_unverified_header(token(url)) == {"alg": "HS256", "typ": "JWT"}
    read = claims(url)
    assert before + 86_400 <= read.pop("exp") <= int(time.time()) + 86_400
    assert read == {"rights": ["publish", "view"], "cameras": ["door"]}
    assert token(url) not in done.stderr and "It ends at 2" in done.stderr


@pytest.mark.parametrize(("arguments", "address"), [
    (("--camera", "door", "--rights", "view"), "/watch/door#key="),
    (("--camera", "door", "--camera", "yard", "--rights", "view"), "/#key="),
    (("--camera", "*", "--rights", "view"), "/#key="),
    (("--camera", "door", "--rights", "publish"), "/camera?camera=door#key="),
    (("--camera", "door", "--rights", "view", "--as", "stream"), "/stream/door?key="),
    (("--camera", "door", "--camera", "shop-*", "--rights", "view", "--as", "snapshot"), "/snapshot/door?key="),
    (("--camera", "door", "--rights", "publish,view", "--as", "upload"), "/upload/door?key="),
])
def test_a_link_leads_to_what_its_rights_open(run, secret, arguments, address):
    done = run("link", *arguments, "--for", "1m", "--token-secret", secret)
    assert done.stdout.startswith(f"https://cam.example.org/live{address}"), done


def test_a_link_can_begin_later(run, secret):
    done = run("link", "--camera", "door", "--rights", "view", "--for", "1h", "--from", "2h", "--token-secret", secret)
    read = jwt.decode(token(done.stdout.strip()), SECRET, algorithms=["HS256"], options={"verify_nbf": False})
    assert read["exp"] - read["nbf"] == 3600
    assert abs(read["nbf"] - time.time() - 7200) < 60


def test_the_address_of_a_link_can_be_said_and_is_guessed_otherwise(run, folder, secret):
    flags = ("link", "--camera", "door", "--rights", "view", "--for", "1h", "--token-secret", secret)
    done = run(*flags, "--public-url", "http://192.0.2.7:81/")
    assert done.stdout.startswith("http://192.0.2.7:81/watch/door#key="), done
    assert "guess" not in done.stderr
    (folder / "evrelay.conf").write_text("EVRELAY_LISTEN=127.0.0.1:8081\n")
    done = run(*flags)
    assert done.stdout.startswith("http://127.0.0.1:8081/watch/door#key="), done
    assert "guess" in done.stderr and "--public-url" in done.stderr


@pytest.mark.parametrize(("arguments", "words"), [
    (("--camera", "door", "--rights", "view", "--for", "59s"), "--for '59s': out of range; accepted: 1m to 3650d"),
    (("--camera", "door", "--rights", "view", "--for", "3651d"), "out of range"),
    (("--camera", "door", "--rights", "view", "--for", "60"), "needs a unit"),
    (("--camera", "a/b", "--rights", "view", "--for", "1h"), "--camera 'a/b': "),
    (("--camera", "door", "--rights", "all", "--for", "1h"), "--rights 'all': "),
    (("--camera", "door", "--rights", "view", "--for", "1h", "--as", "upload"), "accepted: rights with publish"),
    (("--camera", "door", "--rights", "publish", "--for", "1h", "--as", "stream"), "accepted: rights with view"),
    (("--camera", "shop-*", "--rights", "view", "--for", "1h", "--as", "stream"), "a name first"),
    (("--camera", "door", "--rights", "view", "--for", "1h", "--as", "picture"), "page, stream, snapshot, upload"),
    (("--camera", "door", "--rights", "view", "--for", "1h", "--public-url", "cam"), "--public-url 'cam': "),
    (("--rights", "view", "--for", "1h"), "--camera"),
    (("--camera", "door", "--rights", "view"), "--for"),
])
def test_a_wrong_link_ends_with_64_and_what_would_be_right(run, secret, arguments, words):
    done = run("link", "--token-secret", secret, *arguments)
    assert (done.returncode, done.stdout) == (64, ""), done
    assert words in done.stderr, done


@pytest.mark.parametrize(("text", "permissions", "words"), [
    ("s" * 31, 0o600, "31 bytes"), ("s" * 32, 0o604, "chmod o-rwx"), (None, 0, "No such file"),
])
def test_a_secret_that_no_server_would_take_signs_nothing(run, folder, text, permissions, words):
    path = folder / "secret"
    if text:
        path.write_text(text)
        path.chmod(permissions)
    done = run("link", "--camera", "door", "--rights", "view", "--for", "1h", "--token-secret", str(path))
    assert (done.returncode, done.stdout) == (78, ""), done
    assert words in done.stderr and "ssss" not in done.stderr, done


def test_without_a_secret_the_way_to_one_is_shown(run):
    done = run("link", "--camera", "door", "--rights", "view", "--for", "1h")
    assert done.returncode == 78 and "evrelay secret --output FILE" in done.stderr, done


def test_a_link_too_long_for_a_request_is_not_made(run, secret):
    cameras = [word for number in range(100) for word in ("--camera", f"{number:-<64}")]
    done = run("link", *cameras, "--rights", "view", "--for", "1h", "--token-secret", secret)
    assert (done.returncode, done.stdout) == (64, "") and "too long for a link" in done.stderr, done


def test_a_link_opens_its_camera_and_no_other(start_relay, run, secret):
    relay = start_relay("--token-secret", secret, "--private")
    done = run("link", "--camera", "door", "--rights", "publish,view", "--for", "1h", "--token-secret", secret,
               "--as", "upload")
    key = token(done.stdout.strip())
    assert relay.get("/snapshot/door", f"Authorization: Bearer {key}").status == 404
    assert relay.get("/snapshot/yard", f"Authorization: Bearer {key}").status == 403
    assert relay.get("/snapshot/door", "X-Requested-With: test").status == 401
    assert key not in "\n".join(relay.lines)
