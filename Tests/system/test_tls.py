# SPDX-License-Identifier: MIT
"""TLS as openssl's client and curl see it: versions, ciphers, names, protocols, resumption, certificates."""

import re
import signal
import ssl
import subprocess

import pytest

import pictures
from certificates import Authority
from conftest import running_relay
from handshakes import (
    HANDSHAKE_FAILURE, NO_APPLICATION_PROTOCOL, PROTOCOL_VERSION, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3, Answer,
    answer_to, client_hello, s_client)
from viewer import Stream

VERSIONS = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
# ECDHE with AES-GCM or ChaCha20 and nothing else, by their numbers at IANA.
GOOD_1_2 = {"ec": {0xC02B, 0xC02C, 0xCCA9}, "rsa": {0xC02F, 0xC030, 0xCCA8}}
GOOD_1_3 = {0x1301, 0x1302, 0x1303}
ALL_1_2 = [*range(0x0001, 0x00C8), *range(0xC001, 0xC0B6), *range(0xCCA8, 0xCCAF)]


@pytest.fixture(scope="module")
def pairs(authority):
    """The first pair is this machine's; of the others one is another name's, and one a whole domain's."""
    return [authority.local(), authority.pair("camera.example.test", "www.camera.example.test", kind="rsa"),
            authority.pair("*.wild.example.test")]


@pytest.fixture(scope="module")
def relay(pairs):
    with running_relay(pairs=pairs) as relay:
        yield relay


def curl(relay, *arguments: str, host: str = "localhost") -> subprocess.CompletedProcess:
    """curl of a page, with the authority it is to believe."""
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--cacert", str(relay.authority), "--resolve",
         f"{host}:{int(relay.tls_port)}:127.0.0.1", *arguments, f"https://{host}:{int(relay.tls_port)}/healthz"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("kind", ["ec", "rsa"])
@pytest.mark.parametrize("version", VERSIONS)
def test_both_versions_are_spoken_with_both_kinds_of_keys(relay, version, kind):
    name = {"ec": "localhost", "rsa": "camera.example.test"}[kind]
    said = s_client(relay.tls_port, VERSIONS[version], "-CAfile", str(relay.authority), "-verify_return_error",
                    "-verify_hostname", name, name=name)
    assert said.version_and_cipher[0] == version and said.find("^Verify return code: 0|^Verification: OK"), said
    assert said.find("HTTP/1.1 200 "), said
    assert said.find("^Compression: NONE"), said


@pytest.mark.parametrize("limit", [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3"]], ids=["1.2", "1.3"])
def test_curl_is_served(relay, limit):
    done = curl(relay, *limit, "--write-out", "%{http_version} %{http_code}", "--output", "/dev/null")
    assert (done.returncode, done.stdout) == (0, "1.1 200"), done


@pytest.mark.parametrize(("version", "flag"), [(TLS_1_0, "-tls1"), (TLS_1_1, "-tls1_1"), (0x0300, None)],
                         ids=["1.0", "1.1", "SSL 3.0"])
def test_older_versions_are_refused(relay, version, flag):
    answer = answer_to(relay.tls_port, client_hello(ALL_1_2, version))
    assert answer.alert in (PROTOCOL_VERSION, HANDSHAKE_FAILURE), answer
    if flag:
        said = s_client(relay.tls_port, flag, "-cipher", "ALL@SECLEVEL=0")
        assert said.status and said.find("alert protocol version"), said


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_every_other_cipher_suite_of_tls_1_2_is_refused(start_relay, authority, kind):
    """RSA key exchange, CBC, 3DES, RC4, DHE, export: all of them, by their numbers."""
    relay = start_relay(pairs=[authority.local(kind=kind)])
    answers = {suite: answer_to(relay.tls_port, client_hello([suite])) for suite in ALL_1_2}
    taken = {suite for suite, answer in answers.items() if answer == Answer(suite=suite)}
    assert taken == GOOD_1_2[kind]
    others = {answer.alert for suite, answer in answers.items() if suite not in taken}
    assert others == {HANDSHAKE_FAILURE}, answers


def test_three_cipher_suites_of_tls_1_3_are_taken(relay):
    for suite in range(0x1301, 0x1306):
        expected = Answer(suite=suite) if suite in GOOD_1_3 else Answer(alert=HANDSHAKE_FAILURE)
        assert answer_to(relay.tls_port, client_hello([suite], TLS_1_3)) == expected, hex(suite)


@pytest.mark.parametrize("name", [
    "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES256-SHA",
    "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM"])
def test_openssl_cannot_agree_on_an_old_cipher(relay, name):
    said = s_client(relay.tls_port, "-tls1_2", "-cipher", f"{name}:@SECLEVEL=0")
    assert said.status and said.find("alert handshake failure"), said


@pytest.mark.parametrize(("offered", "chosen"), [
    ("TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"),
    ("TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384"),
    # A device that puts it first has no instructions for AES.
    ("TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"),
])
def test_the_server_s_order_of_ciphers_holds_but_for_devices_without_aes(relay, offered, chosen):
    assert s_client(relay.tls_port, "-tls1_3", "-ciphersuites", offered).version_and_cipher == ("TLSv1.3", chosen)
    older = {"TLS_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
             "TLS_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
             "TLS_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305"}
    names = ":".join(older[name] for name in offered.split(":"))
    assert s_client(relay.tls_port, "-tls1_2", "-cipher", names).version_and_cipher == ("TLSv1.2", older[chosen])


@pytest.mark.parametrize(("name", "number"), [
    ("localhost", 0), ("camera.example.test", 1), ("www.camera.example.test", 1), ("CAMERA.example.TEST", 1),
    ("yard.wild.example.test", 2), ("deep.yard.wild.example.test", 0), ("wild.example.test", 0),
    ("unknown.example.test", 0), (None, 0)])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_wanted_name_chooses_the_certificate_and_the_first_is_for_all_others(relay, pairs, version, name, number):
    assert s_client(relay.tls_port, VERSIONS[version], name=name).serial == pairs[number].serial


@pytest.mark.parametrize(("choice", "who"), [
    (("-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"), "evrelay"),
    (("-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"), "evrelay"),
    (("-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"), "openssl"),
    (("-tls1_2",), "openssl")], ids=["aes-128", "aes-256", "chacha20", "tls1.2"])
def test_the_metrics_tell_who_encrypts(relay, choice, who):
    """The path that costs a quarter less was in use, and nothing would have told if an OpenSSL had left it."""
    def counts() -> dict[str, float]:
        return {name: relay.metric(f'evrelay_tls_connections_total{{encrypted_by="{name}"}}')
                for name in ("evrelay", "openssl")}
    before = counts()
    assert s_client(relay.tls_port, *choice).find("HTTP/1.1 200 ")
    assert counts() == before | {who: before[who] + 1}


@pytest.mark.parametrize(("offered", "agreed"), [
    ("http/1.1", "http/1.1"), ("h2,http/1.1", "http/1.1"), ("http/1.1,h2", "http/1.1"), (None, None)])
def test_http_1_1_is_agreed_on(relay, offered, agreed):
    said = s_client(relay.tls_port, *(["-alpn", offered] if offered else []))
    assert said.find(r"^ALPN protocol: (\S+)$") == agreed and said.find("HTTP/1.1 200 "), said


def test_whoever_speaks_http_2_alone_gets_an_alert(relay):
    for version in (TLS_1_2, TLS_1_3):
        suites = GOOD_1_2["ec"] | GOOD_1_3
        assert answer_to(relay.tls_port, client_hello(suites, version, (b"h2",))) == Answer(
            alert=NO_APPLICATION_PROTOCOL)
    done = curl(relay, "--http2", "--write-out", "%{http_version}", "--output", "/dev/null")
    assert (done.returncode, done.stdout) == (0, "1.1"), done


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_is_resumed_also_after_a_reload(start_relay, authority, tmp_path, version):
    relay = start_relay(pairs=[authority.local()], over_tls=False)
    session = str(tmp_path / "session.pem")
    first = s_client(relay.tls_port, VERSIONS[version], "-sess_out", session)
    assert not first.is_resumed and first.find("HTTP/1.1 200 "), first
    # The relay has as many loops as cores, and each of them has to know the ticket.
    again = [s_client(relay.tls_port, VERSIONS[version], "-sess_in", session) for _ in range(8)]
    assert all(said.is_resumed and said.find("HTTP/1.1 200 ") for said in again), again
    relay.signal(signal.SIGHUP)
    relay.wait_for_line(r" reloaded\b")
    after = s_client(relay.tls_port, VERSIONS[version], "-sess_in", session)
    assert after.is_resumed and after.find("HTTP/1.1 200 "), after
    assert relay.metric('evrelay_tls_handshakes_total{result="full"}') == 1
    assert relay.metric('evrelay_tls_handshakes_total{result="resumed"}') == 9


def test_a_session_of_another_relay_is_not_resumed(start_relay, authority, tmp_path):
    session = str(tmp_path / "session.pem")
    pair = authority.local()
    s_client(start_relay(pairs=[pair]).tls_port, "-sess_out", session)
    said = s_client(start_relay(pairs=[pair]).tls_port, "-sess_in", session)
    assert not said.is_resumed and said.find("HTTP/1.1 200 "), said


def refusal(relay, host: str = "localhost") -> str:
    done = curl(relay, host=host)
    assert done.returncode == 60, done
    return done.stderr


def test_curl_refuses_another_host_s_certificate_and_one_of_another_authority(relay, start_relay, tmp_path):
    assert "unknown.example.test" in refusal(relay, "unknown.example.test")
    other = Authority(tmp_path).local()
    stranger = start_relay(pairs=[other])
    stranger.authority = relay.authority
    assert "unable to get local issuer certificate" in refusal(stranger)


def test_an_expired_certificate_is_served_with_an_error_in_the_log_and_curl_refuses_it(start_relay, authority):
    relay = start_relay(pairs=[authority.expired("localhost")], expected_problems=("expired",))
    assert "certificate has expired" in refusal(relay)
    assert relay.log_lines(r" error certificate has expired "), relay.lines


def test_the_whole_chain_is_sent(start_relay, authority):
    relay = start_relay(pairs=[authority.intermediate().local()])
    assert len(s_client(relay.tls_port, "-showcerts").certificates) == 2
    # It knows the root alone.
    relay.authority = authority.path
    assert curl(relay).returncode == 0


def test_the_log_and_the_metrics_tell_of_each_certificate(relay, pairs):
    lines = relay.log_lines(r" certificate ")
    assert len(lines) == len(pairs), relay.lines
    for line, pair in zip(lines, pairs, strict=True):
        digits = re.search(r"fingerprint=\"?([0-9A-Fa-f:]+)", line).group(1).replace(":", "").lower()
        assert digits == pair.fingerprint and re.search(r"expires=\"?20\d\d-\d\d-\d\d", line), line
    assert "camera.example.test" in lines[1] and "www.camera.example.test" in lines[1]
    metrics = relay.get("/metrics").body.decode()
    expiries = re.findall(
        r'^evrelay_tls_certificate_expiry_timestamp_seconds\{certificate="\d",name="([^"]+)"\} (\d+)$', metrics,
        re.MULTILINE)
    assert [name for name, _ in expiries] == ["localhost", "camera.example.test", "*.wild.example.test"], metrics
    assert all(int(at) > 1_700_000_000 for _, at in expiries)


def test_streams_end_with_a_proper_goodbye_of_tls(start_relay, authority):
    """Without it nobody can tell a stream's end from a cut line."""
    relay = start_relay(pairs=[authority.local()], over_tls=True)
    relay.upload(pictures.numbered(1))
    with relay.connect() as wire:
        wire.socket.suppress_ragged_eofs = False
        stream = Stream(wire)
        assert pictures.number_of(stream.frame()) == 1
        relay.signal(signal.SIGTERM)
        assert stream.frame() is None
        try:
            assert wire.socket.recv(1) == b""
        except ssl.SSLEOFError:
            raise AssertionError("the connection was closed without close_notify") from None
    assert relay.wait() == 0
