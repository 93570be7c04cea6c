# SPDX-License-Identifier: MIT
"""The configuration file, `--check`, and the files a package makes with `evrelay generate`."""

import re
import socket
import subprocess

import pytest

import pictures
from relay import run_binary
from settings import REPOSITORY


@pytest.fixture
def config(tmp_path):
    """Writes a configuration file and returns its path."""
    def write(text: str) -> str:
        path = tmp_path / "evrelay.conf"
        path.write_text(text)
        return str(path)
    return write


def check(*flags: str, **extra: str) -> subprocess.CompletedProcess:
    return run_binary(*flags, "--check", extra=extra)


@pytest.mark.valgrind
def test_a_valid_configuration_is_called_so_with_what_differs(config):
    path = config("EVRELAY_MAX_VIEWERS=7\nEVRELAY_MAX_CAMERAS=64\n")
    done = check("--config", path, "--threads", "99", EVRELAY_LOG_LEVEL="debug")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "configuration is valid",
        "--threads 99 (command line)",
        f"--max-viewers 7 (EVRELAY_MAX_VIEWERS in {path}, line 1)",
        "--log-level debug (EVRELAY_LOG_LEVEL)",
    ]


def test_a_check_opens_no_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert check("--listen", f"127.0.0.1:{taken.getsockname()[1]}").returncode == 0
    assert check("--listen", "systemd").returncode == 0
    assert run_binary("serve", "--check").stdout == "configuration is valid\n"


@pytest.mark.parametrize(("text", "status", "words"), [
    ("EVRELAY_THREADS=x", 64, "EVRELAY_THREADS in {path}, line 1: 'x': not a whole number; accepted: 1 to 256"),
    ("\nEVRELAY_THREDS=2", 64, "unknown setting: EVRELAY_THREDS in {path}, line 2"),
    ("EVRELAY_THREADS=2\nEVRELAY_THREADS=2", 64, "{path}, line 2: EVRELAY_THREADS is already set in line 1"),
    ("threads", 64, "{path}, line 1: has no ="),
    ("EVRELAY_CONFIG=/x", 64, "{path}, line 1: EVRELAY_CONFIG names the file"),
    ("EVRELAY_STALE_AFTER=1m", 64, "EVRELAY_STALE_AFTER in {path}, line 1: 1m"),
    ("#" * 70_000, 78, "unusable configuration file: {path}: "),
    ("#\0", 78, "unusable configuration file: {path}: is not text"),
    ("EVRELAY_WEB_ROOT=/nowhere", 78, "--web-root /nowhere is not a folder"),
])
def test_a_start_and_a_check_refuse_the_same_with_the_same_status(config, text, status, words):
    path = config(text)
    checked = check("--config", path)
    started = run_binary("--listen", "127.0.0.1:0", extra={"EVRELAY_CONFIG": path})
    for done in (checked, started):
        assert (done.returncode, done.stdout) == (status, ""), done
        assert words.format(path=path) in done.stderr, done


def test_a_missing_file_is_a_matter_of_configuration(tmp_path):
    for flags in (["--check"], []):
        done = run_binary("--config", str(tmp_path / "missing"), *flags)
        assert done.returncode == 78 and "missing: open: No such file or directory" in done.stderr, done


def test_a_folder_without_pages_is_refused_by_a_check(tmp_path):
    done = check("--web-root", str(tmp_path))
    assert done.returncode == 78 and "has no index.html" in done.stderr, done
    assert check("--web-root", str(REPOSITORY / "web")).returncode == 0


def test_sockets_of_systemd_are_needed_by_a_start():
    done = run_binary("--listen", "systemd")
    assert done.returncode == 78, done


def test_settings_of_the_file_hold_in_the_running_relay(start_relay, config):
    relay = start_relay("--config", config("EVRELAY_MAX_CAMERAS=1\r\nEVRELAY_LOG_LEVEL='info'\r\n"))
    assert relay.upload(pictures.numbered(1), "first").status == 200
    assert relay.upload(pictures.numbered(1), "second").status == 503


def test_a_misspelt_flag_is_answered_with_the_right_one():
    done = run_binary("--max-veiwers", "3")
    assert done.returncode == 64 and "Did you mean '--max-viewers'?" in done.stderr, done


def test_the_generated_configuration_is_valid_and_explains_every_flag(config):
    text = run_binary("generate", "configuration").stdout
    path = config(text)
    done = check("--config", path)
    assert done.returncode == 0, done
    assert re.fullmatch(
        r"configuration is valid\n--listen systemd \(EVRELAY_LISTEN in .*, line \d+\)\n", done.stdout), done
    variables = set(re.findall(r"EVRELAY_[A-Z_]+", run_binary("--help").stdout)) - {"EVRELAY_CONFIG"}
    assert set(re.findall(r"^#?(EVRELAY_[A-Z_]+)=", text, re.MULTILINE)) == variables
    everything = config(re.sub(r"^#(EVRELAY_)", r"\1", text, flags=re.MULTILINE))
    assert check("--config", everything).stdout.count("\n") == 2


def test_shells_read_the_generated_configuration_alike(config):
    path = config(re.sub(r"^#(EVRELAY_)", r"\1", run_binary("generate", "configuration").stdout, flags=re.MULTILINE))
    done = subprocess.run(["sh", "-euc", 'set -a; . "$1"; env', "sh", path], capture_output=True, text=True, check=True)
    assert "EVRELAY_LISTEN=systemd" in done.stdout and "EVRELAY_FRAME_MEMORY=256MiB" in done.stdout, done


def test_the_manual_page_renders_without_a_warning(tmp_path):
    page = tmp_path / "evrelay.1"
    page.write_text(run_binary("generate", "manual").stdout)
    done = subprocess.run(
        ["man", "--warnings", "--local-file", str(page)], capture_output=True, text=True, check=True, timeout=30,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANROFFOPT": "-c"})
    assert done.stderr == ""
    text = done.stdout
    flags = set(re.findall(r"^ +(--[a-z][a-z-]+)", run_binary("--help").stdout, re.MULTILINE)) - {"--help"}
    assert flags <= set(re.findall(r"^ +(--[a-z-]+)", text, re.MULTILINE))
    assert "evrelay - relays the frames of cameras" in text
    assert not re.search(r"[\u2010\u2018\u2019\\]", text), "hyphens, apostrophes and backslashes can be copied"
    # What --help shows has its command in the manual; what it hides does not.
    assert "evrelay serve" in text and "generate" not in text
