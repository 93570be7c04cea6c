# SPDX-License-Identifier: MIT
"""`evrelay key` and `evrelay secret`: what they write, print and refuse; and what docs/access.md says of the commands."""

import hashlib
import os
import re
import stat
import urllib.parse

import jwt
import pytest

from commands import folder, run, secret, token  # noqa: F401 (fixtures)
from relay import run_binary
from settings import REPOSITORY

ACCESS = (REPOSITORY / "docs/access.md").read_text()


def mode(path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


# --- key

def test_a_key_is_printed_once_and_its_digest_is_kept(run, folder):
    keys = folder / "keys"
    done = run("key", "--rights", "view,publish", "--cameras", "door,shop-*", "--remark", "at the door",
               "--keys", str(keys))
    assert done.returncode == 0, done
    key = done.stdout.removesuffix("\n")
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", key), done
    digest = hashlib.sha256(key.encode()).hexdigest()
    assert keys.read_text() == f"sha256:{digest} publish,view door,shop-* at the door\n"
    assert mode(keys) & ~0o640 == 0
    for address in (f"/camera?camera=door#key={key}", f"/upload/door?key={key}", f"/watch/door#key={key}",
                    f"/stream/door?key={key}"):
        assert f": https://cam.example.org/live{address}\n" in done.stderr, done
    assert "reload" in done.stderr


def test_a_key_is_added_as_a_line_of_its_own_and_the_file_keeps_its_mode(run, folder):
    keys = folder / "keys"
    keys.write_text("# ours\nabcdefghijklmnop view * an old one")
    keys.chmod(0o600)
    for _ in range(2):
        assert run("key", "--rights", "observe", "--cameras", "*", "--keys", str(keys)).returncode == 0
    lines = keys.read_text().splitlines()
    assert lines[:2] == ["# ours", "abcdefghijklmnop view * an old one"]
    assert [line.split(" ", 1)[1] for line in lines[2:]] == ["observe *"] * 2
    assert mode(keys) == 0o600


def test_without_a_file_the_line_for_it_is_shown(run):
    done = run("key", "--rights", "view", "--cameras", "door")
    key = done.stdout.strip()
    assert f"sha256:{hashlib.sha256(key.encode()).hexdigest()} view door\n" in done.stderr, done
    assert done.returncode == 0


def test_the_file_of_the_settings_is_the_one_that_gets_the_key(run, folder):
    keys = folder / "keys"
    (folder / "evrelay.conf").write_text(f"EVRELAY_KEYS={keys}\n")
    assert run("key", "--rights", "view", "--cameras", "door").returncode == 0
    assert keys.read_text().count("\n") == 1
    other = folder / "other.conf"
    other.write_text(f"EVRELAY_KEYS={folder / 'others'}\n")
    assert run("key", "--rights", "view", "--cameras", "door", "--config", str(other)).returncode == 0
    assert (folder / "others").read_text().count("\n") == 1
    assert keys.read_text().count("\n") == 1


@pytest.mark.parametrize(("arguments", "words"), [
    (("--rights", "watch", "--cameras", "door"), "--rights 'watch': "),
    (("--rights", "view,view", "--cameras", "door"), "--rights 'view,view': "),
    (("--rights", "", "--cameras", "door"), "accepted: publish, view, observe"),
    (("--rights", "view", "--cameras", "a door"), "--cameras 'a door': "),
    (("--rights", "view", "--cameras", ".hidden"), "not starting with a dot"),
    (("--rights", "view", "--cameras", ""), "--cameras '': "),
    (("--rights", "view", "--cameras", "door", "--remark", "two\nlines"), "--remark 'two\\nlines': "),
    (("--rights", "view", "--cameras", "door", "--remark", "x" * 1024), "1024 bytes"),
    (("--rights", "view"), "--cameras"),
    (("--cameras", "door"), "--rights"),
])
def test_a_wrong_key_ends_with_64_and_what_would_be_right(run, folder, arguments, words):
    keys = folder / "keys"
    done = run("key", "--keys", str(keys), *arguments)
    assert (done.returncode, done.stdout) == (64, ""), done
    assert words in done.stderr, done
    assert not keys.exists()


@pytest.mark.parametrize(("text", "permissions", "words"), [
    ("tooshort view *\n", 0o600, "keys: line 1: "),
    ("abcdefghijklmnop view *\n", 0o604, "chmod o-rwx"),
])
def test_a_file_of_keys_that_no_server_would_take_gets_no_key(run, folder, text, permissions, words):
    keys = folder / "keys"
    keys.write_text(text)
    keys.chmod(permissions)
    done = run("key", "--rights", "view", "--cameras", "door", "--keys", str(keys))
    assert (done.returncode, done.stdout) == (78, ""), done
    assert words in done.stderr and "abcdefgh" not in done.stderr, done
    assert keys.read_text() == text


def test_a_key_opens_what_it_is_for_after_a_reload(start_relay, run, folder):
    keys = folder / "keys"
    first = run("key", "--rights", "view", "--cameras", "yard", "--keys", str(keys)).stdout.strip()
    relay = start_relay("--keys", str(keys), "--private")
    assert relay.get(f"/stream/door?frames=1&key={first}").status == 403
    second = run("key", "--rights", "observe", "--cameras", "door", "--keys", str(keys)).stdout.strip()
    assert relay.get("/metrics", f"Authorization: Bearer {second}", "X-Requested-With: test").status == 401
    relay.signal(1)
    relay.wait_for_line(r"\breloaded\b")
    assert relay.get("/metrics", f"Authorization: Bearer {second}").status == 200
    assert second not in "\n".join(relay.lines)


# --- secret

def test_a_secret_is_new_each_time(run):
    made = {run("secret").stdout for _ in range(3)}
    assert len(made) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}\n", secret) for secret in made), made


def test_a_secret_goes_into_a_file_for_this_user_alone_and_never_over_another(run, folder):
    path = folder / "made"
    done = run("secret", "--output", str(path))
    assert (done.returncode, done.stdout) == (0, ""), done
    text = path.read_text()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}\n", text) and mode(path) == 0o600
    assert text.strip() not in done.stderr
    again = run("secret", "--output", str(path))
    assert again.returncode == 73 and "already there" in again.stderr, again
    assert path.read_text() == text
    assert run("secret", "--output", str(folder / "nowhere" / "made")).returncode == 73
    assert sorted(entry.name for entry in folder.iterdir()) == ["evrelay.conf", "made"]


def test_a_made_secret_signs_links(run, folder):
    path = folder / "made"
    assert run("secret", "--output", str(path)).returncode == 0
    done = run("link", "--camera", "door", "--rights", "view", "--for", "1h", "--token-secret", str(path))
    read = jwt.decode(token(done.stdout.strip()), path.read_text().strip(), algorithms=["HS256"])
    assert read["cameras"] == ["door"]


# --- settings

def test_the_packaged_services_settings_are_read_by_themselves(folder, secret):
    """In a mount namespace of its own, whose /etc has nothing but these settings."""
    (folder / "evrelay.conf").write_text("EVRELAY_PUBLIC_URL=https://installed.example.org\n")
    script = ('mount -t tmpfs none /etc && mkdir /etc/evrelay && cp "$1" /etc/evrelay/ && shift && exec "$@"')
    prefix = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-euc", script, "sh",
              str(folder / "evrelay.conf"))
    flags = ("link", "--camera", "door", "--rights", "view", "--for", "1h", "--token-secret", secret)
    done = run_binary(*flags, prefix=prefix)
    assert done.stdout.startswith("https://installed.example.org/watch/door#key="), done
    (folder / "other.conf").write_text("EVRELAY_PUBLIC_URL=https://named.example.org\n")
    done = run_binary(*flags, "--config", str(folder / "other.conf"), prefix=prefix)
    assert done.stdout.startswith("https://named.example.org/watch/door#key="), done


# --- docs/access.md

def test_the_documents_file_of_keys_is_one(folder):
    keys = folder / "keys"
    keys.write_text(re.search(r"### The file of keys\n.*?```\n(.*?)```", ACCESS, re.DOTALL).group(1))
    keys.chmod(0o600)
    done = run_binary("--keys", str(keys), "--check")
    assert done.returncode == 0, done


def test_the_documents_back_end_signs_links_that_open(start_relay, folder, secret):
    code = re.search(r"```python\n(.*?)```", ACCESS, re.DOTALL).group(1)
    names: dict = {}
    exec(compile(code.replace("/etc/evrelay/token-secret", secret), "access.md", "exec"), names)
    url = urllib.parse.urlsplit(names["picture"]("door", 60))
    relay = start_relay("--token-secret", secret, "--private")
    path = f"/snapshot/door?{url.query}"
    assert relay.get(path).status == 404
    assert relay.get("/snapshot/yard?" + url.query).status == 403


@pytest.mark.parametrize("name", ["key", "link", "secret", "certificate"])
def test_the_document_and_the_manual_describe_each_flag(name):
    help_text = run_binary(name, "--help").stdout
    manual = run_binary("generate", "manual").stdout.replace("\\-", "-")
    assert f"evrelay {name}" in ACCESS
    flags = set(re.findall(r"^  (--[a-z-]+)", help_text, re.MULTILINE)) - {"--help", "--version"}
    assert flags
    part = manual.split(f".SS evrelay {name}\n", 1)[1].split(".SS ", 1)[0].split(".SH ", 1)[0]
    assert flags <= set(re.findall(r"fB(--[a-z-]+)", part)), part
