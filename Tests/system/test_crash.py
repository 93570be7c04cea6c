# SPDX-License-Identifier: MIT
"""What a process leaves in the log that ends by a fault. It used to leave nothing: systemd told the signal, and where it
had happened nobody could find out, since the package has neither symbols nor Swift's backtracer."""

import os
import re
import signal
import subprocess

import pytest

from settings import BINARY, REPOSITORY

# Neither Swift's backtracer nor a sanitizer is to be first.
PLAIN = {"SWIFT_BACKTRACE": "enable=no"} | {
    name: f"{os.environ.get(name, '')}:handle_segv=0:handle_abort=0".lstrip(":")
    for name in ("ASAN_OPTIONS", "TSAN_OPTIONS")}


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGILL, signal.SIGABRT, signal.SIGTRAP])
def test_a_fault_leaves_a_report_and_its_own_exit_status(start_relay, number):
    relay = start_relay(extra=PLAIN)
    assert relay.get("/healthz").status == 200
    relay.signal(number)
    assert relay.wait() == 128 + number
    report = relay.log_lines("^crash ")
    version = subprocess.run([str(BINARY), "--version"], capture_output=True, text=True, timeout=30).stdout.split()[-1]
    assert re.fullmatch(rf"crash signal={number.value} version={re.escape(version)} build=([0-9a-f]{{16,64}})?", report[0])
    addresses = [line for line in report[1:] if re.fullmatch(r"crash at (evrelay\+|library )0x[0-9a-f]+", line)]
    assert addresses == report[1:] and len(addresses) >= 5, report
    # Its own handler is in it at least, and what is not of the binary.
    assert len([line for line in addresses if "evrelay+" in line]) >= 2, report
    assert [line for line in addresses if "library" in line], report


def test_the_report_becomes_functions_with_the_unstripped_binary(start_relay):
    relay = start_relay(extra=PLAIN)
    relay.signal(signal.SIGILL)
    relay.wait()
    script = REPOSITORY / "scripts/symbolize.sh"
    told = "\n".join(["Nov 28 20:00:00 host evrelay[1]: " + line for line in relay.lines])
    done = subprocess.run([script, BINARY], input=told, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "evrelay_report_crash" in done.stdout, done.stdout
    other = re.sub(r"build=[0-9a-f]*", "build=0123456789abcdef", told)
    done = subprocess.run([script, BINARY], input=other, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "the report is of build '0123456789abcdef'" in done.stderr, done
    done = subprocess.run([script, BINARY], input="nothing\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "no line with" in done.stderr, done
