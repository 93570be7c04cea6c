# SPDX-License-Identifier: MIT
"""testssl.sh, which others made to find what is wrong with a TLS server, finds nothing."""

import json
import subprocess

import pytest

from conftest import watched_camera

# Protocols, cipher categories, forward secrecy, the server's preferences and defaults, headers, and every known attack.
# Left out are simulations of some forty clients, and each single cipher, which test_tls.py tries itself: they take
# minutes.
SECTIONS = ["-p", "-s", "-f", "-P", "-S", "-h", "-U"]
HARMLESS = {"OK", "INFO", "LOW"}
# What an authority and a domain's owner decide, and not a server; what testssl.sh says of the openssl it runs with; and a
# check that it now and then gives up on a busy machine, which test_tls.py makes itself.
OF_OTHERS = {"cert_revocation", "DNS_CAArecord", "OCSP_stapling", "engine_problem", "sessionresumption_ticket"}


@pytest.mark.release_only
@pytest.mark.timeout(240)
def test_testssl_finds_nothing_above_low(start_relay, authority, tmp_path):
    # More attacks are known on keys of this kind.
    pair = authority.local(kind="rsa")
    relay = start_relay("--hsts", "8760h", pairs=[pair])
    report = tmp_path / "report.json"
    with watched_camera(relay):
        done = subprocess.run(
            ["testssl", "--quiet", "--color", "0", "--warnings", "batch", "--ip", "127.0.0.1", "--add-ca",
             str(pair.authority), "--jsonfile", str(report), *SECTIONS, relay.tls_url],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200)
    findings = {finding["id"]: finding for finding in json.loads(report.read_text())}
    assert {"TLS1_2", "TLS1_3", "heartbleed", "secure_client_renego", "cert_chain_of_trust", "HSTS_time",
            "ROBOT"} <= findings.keys(), done.stdout[-3000:]
    bad = [f"{finding['severity']} {name}: {finding['finding']}" for name, finding in findings.items()
           if finding["severity"] not in HARMLESS and name not in OF_OTHERS]
    assert not bad, bad
    assert findings["cert_chain_of_trust"]["severity"] == findings["TLS1_3"]["severity"] == "OK"
