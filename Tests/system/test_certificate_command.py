# SPDX-License-Identifier: MIT
"""`evrelay certificate`, judged by the openssl program."""

import pathlib
import re
import socket
import subprocess
import sys

import pytest

from relay import run_binary
from self_signed import (  # noqa: F401 (fixtures)
    CERTIFICATE, KEY, certificate, fingerprint, mode, openssl, short_lived_pair, state, surroundings)


def test_the_pair_is_for_this_machine_and_nobody_else_may_read_its_key(certificate, state):
    done = certificate("--name", "cam.example.org", "--name", "192.0.2.99")
    assert done.returncode == 0, done
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert list(said) == ["certificate", "key", "names", "expires", "fingerprint"]
    assert (said["certificate"], said["key"]) == (str(state / CERTIFICATE), str(state / KEY))
    assert {"cam.example.org", "192.0.2.99", "localhost", "127.0.0.1", "::1"} <= set(said["names"].split(", "))
    assert said["fingerprint"] == fingerprint(state / CERTIFICATE)
    assert (mode(state), mode(state / KEY), mode(state / CERTIFICATE)) == (0o700, 0o600, 0o644)
    assert sorted(entry.name for entry in state.iterdir()) == [CERTIFICATE, KEY]
    end = openssl("x509", "-in", str(state / CERTIFICATE), "-noout", "-enddate", "-dateopt", "iso_8601")
    assert said["expires"].replace("T", " ") in end, (said, end)


def test_the_certificate_can_be_trusted_as_it_is(certificate, state):
    certificate()
    path = str(state / CERTIFICATE)
    for host in ("-verify_hostname", "localhost"), ("-verify_ip", "127.0.0.1"), ("-verify_ip", "::1"):
        assert openssl("verify", "-x509_strict", "-purpose", "sslserver", *host, "-CAfile", path, path).endswith("OK\n")
    openssl("verify", "-verify_hostname", "example.org", "-CAfile", path, path, status=2)
    text = openssl("x509", "-in", path, "-noout", "-text")
    for words in ("ASN1 OID: prime256v1", "ecdsa-with-SHA256", "CA:TRUE, pathlen:0", "Digital Signature",
                  "TLS Web Server Authentication", "X509v3 Subject Key Identifier", "DNS:localhost",
                  "IP Address:127.0.0.1"):
        assert words in text, text
    # Apple's limit for what is installed by hand.
    assert openssl("x509", "-in", path, "-noout", "-checkend", str(824 * 86_400), status=1)
    assert openssl("x509", "-in", path, "-noout", "-checkend", str(823 * 86_400))
    serial = re.search(r"serial=([0-9A-F]+)", openssl("x509", "-in", path, "-noout", "-serial")).group(1)
    assert len(serial) > 24


@pytest.mark.parametrize(("name", "status"), [
    ("DNS:bank.example", 2), ("IP:192.0.2.200", 2), ("IP:2001:db8::200", 2), ("DNS:localhost", 0),
])
def test_its_key_cannot_issue_certificates_for_others(certificate, state, tmp_path, name, status):
    """Whoever trusts it trusts it for this machine alone, even if the key is stolen."""
    certificate()
    request, issued = str(tmp_path / "forged.csr"), str(tmp_path / "forged.pem")
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
            "-addext", f"subjectAltName={name}", "-keyout", str(tmp_path / "forged.key"), "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", str(state / CERTIFICATE), "-CAkey", str(state / KEY),
            "-CAcreateserial", "-days", "1", "-copy_extensions", "copy", "-out", issued)
    said = openssl("verify", "-CAfile", str(state / CERTIFICATE), issued, status=status)
    assert status == 0 or "permitted subtree violation" in said, said


def test_the_pair_is_kept_until_another_is_asked_for(certificate, state):
    first = certificate().stdout
    again = certificate()
    assert again.stdout == first and "Kept" in again.stderr
    renewed = certificate("--renew", "--days", "60")
    assert renewed.returncode == 0 and renewed.stdout != first
    assert certificate().stdout == renewed.stdout


@pytest.mark.parametrize(("days", "is_kept"), [(1, False), (30, False), (32, True)])
def test_a_pair_that_soon_ends_is_renewed_and_that_is_said(certificate, state, days, is_kept):
    short_lived_pair(state, days)
    before = fingerprint(state / CERTIFICATE)
    done = certificate()
    assert ("Kept" if is_kept else "Renewed") in done.stderr, done
    assert (fingerprint(state / CERTIFICATE) == before) == is_kept


def test_a_kept_pair_without_a_wanted_name_is_no_success(certificate):
    certificate()
    done = certificate("--name", "cam.example.org")
    assert done.returncode == 78 and "not for cam.example.org; --renew" in done.stderr, done
    assert certificate("--name", "cam.example.org", "--renew").returncode == 0
    assert certificate("--name", "CAM.example.org").returncode == 0


def test_the_folder_can_be_named(certificate, tmp_path):
    folder = tmp_path / "deep" / "pair"
    assert certificate("--directory", str(folder)).returncode == 0
    assert (folder / KEY).exists() and mode(folder) == 0o700


@pytest.mark.parametrize(("arguments", "words"), [
    (("--days", "59"), "accepted: 60 to 825"), (("--days", "826"), "accepted: 60 to 825"),
    (("--days", "many"), "not a whole number"), (("--name", "a b"), "--name 'a b': "),
    (("--name", "https://cam.example.org"), "not a host name"),
])
def test_wrong_words_end_with_64_and_make_nothing(certificate, state, arguments, words):
    done = certificate(*arguments)
    assert (done.returncode, done.stdout) == (64, "") and words in done.stderr, done
    assert not state.exists()


def test_the_services_sandbox_hides_no_address_that_others_use(certificate, surroundings, tmp_path):
    """There netlink is forbidden, by which programs list their interfaces."""
    netless = pathlib.Path(__file__).with_name("without_netlink.py")
    assert subprocess.run([sys.executable, netless, sys.executable, "-c", "import socket; socket.socket(16, 3, 0)"],
                          capture_output=True, timeout=30).returncode != 0
    done = run_binary("certificate", "--directory", str(tmp_path / "sandboxed"), extra=surroundings,
                      prefix=(sys.executable, str(netless)))
    assert done.returncode == 0, done
    names = re.search(r"^names: (.*)$", done.stdout, re.MULTILINE).group(1).split(", ")
    assert set(names) <= set(re.search(r"^names: (.*)$", certificate().stdout, re.MULTILINE).group(1).split(", "))
    for family, target in (socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"):
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((target, 9))
            except OSError:
                continue  # No way there on this machine.
            assert probe.getsockname()[0] in names
