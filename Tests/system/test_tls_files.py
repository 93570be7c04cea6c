# SPDX-License-Identifier: MIT
"""Files of certificates and keys that cannot be used: exit status 78, and what to do about it."""

import pathlib
import re
import subprocess

import pytest

from certificates import Pair
from relay import run_binary


@pytest.fixture
def pair(authority) -> Pair:
    return authority.local()


def refusal(*flags: str) -> str:
    """What a check and a start say, which must be the same."""
    checked = run_binary("--check", *flags)
    started = run_binary("--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0", *flags)
    assert (checked.returncode, checked.stdout) == (started.returncode, started.stdout) == (78, ""), (checked, started)
    said = checked.stderr.splitlines()[0].removeprefix("Error: ")
    assert said in started.stderr, (checked, started)
    return said


def test_a_good_pair_is_valid(pair):
    done = run_binary("--check", *pair.flags)
    assert done.returncode == 0 and done.stdout.startswith("configuration is valid\n"), done


def test_a_key_of_another_certificate_is_named(pair, authority):
    other = authority.local()
    said = refusal("--tls-certificate", str(pair.certificate), "--tls-key", str(other.key))
    assert str(other.key) in said and "does not belong to the certificate" in said, said


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o666])
def test_a_key_that_others_may_read_is_refused_with_the_command_that_mends_it(pair, mode):
    pair.key.chmod(mode)
    said = refusal(*pair.flags)
    assert str(pair.key) in said and "every user" in said, said
    advised = re.search(r"chmod ([-+=,a-z0-7]+)", said).group(1)
    subprocess.run(["chmod", advised, pair.key], check=True, timeout=20)
    assert run_binary("--check", *pair.flags).returncode == 0


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640])
def test_a_key_that_its_group_may_read_is_fine(pair, mode):
    pair.key.chmod(mode)
    pair.certificate.chmod(0o644)
    assert run_binary("--check", *pair.flags).returncode == 0


def test_a_key_with_a_password_is_refused_in_words(authority):
    said = refusal(*authority.local(password=b"secret-words").flags)
    assert re.search("password|passphrase|encrypted", said) and ".pem" in said, said


def test_half_a_pair_is_refused(pair):
    for flags in (["--tls-certificate", str(pair.certificate)], ["--tls-key", str(pair.key)],
                  [*pair.flags, "--tls-certificate", str(pair.certificate)]):
        done = run_binary("--check", *flags)
        assert done.returncode in (64, 78) and "--tls-key" in done.stderr and "--tls-certificate" in done.stderr, done


CONTENTS = {"empty": b"", "text": b"no certificate\n", "binary": bytes(range(256)), "cut": None}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
@pytest.mark.parametrize("which", ["certificate", "key"])
def test_a_file_of_something_else_is_named(pair, which, content):
    path: pathlib.Path = getattr(pair, which)
    path.write_bytes(path.read_bytes()[:-40] if content is None else content)
    assert str(path) in refusal(*pair.flags)


@pytest.mark.parametrize("which", ["certificate", "key"])
def test_a_file_that_is_not_there_is_named(pair, which):
    path: pathlib.Path = getattr(pair, which)
    path.unlink()
    said = refusal(*pair.flags)
    assert str(path) in said and "No such file or directory" in said, said


def test_a_file_that_never_ends_is_refused_at_once(pair):
    said = refusal("--tls-certificate", str(pair.certificate), "--tls-key", "/dev/zero")
    assert "/dev/zero" in said, said


def test_a_credential_of_systemd_is_a_file_of_its_folder(pair, tmp_path):
    flags = ["--tls-certificate", "credential:tls-certificate", "--tls-key", "credential:tls-key"]
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "tls-certificate").write_bytes(pair.certificate.read_bytes())
    (folder / "tls-key").write_bytes(pair.key.read_bytes())
    (folder / "tls-key").chmod(0o400)
    assert run_binary("--check", *flags, extra={"CREDENTIALS_DIRECTORY": str(folder)}).returncode == 0
    done = run_binary("--check", *flags)
    assert done.returncode == 78 and "LoadCredential" in done.stderr, done
    done = run_binary("--check", "--tls-certificate", "credential:../x", "--tls-key", "credential:tls-key",
                      extra={"CREDENTIALS_DIRECTORY": str(folder)})
    assert done.returncode in (64, 78), done
