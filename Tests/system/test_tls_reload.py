# SPDX-License-Identifier: MIT
"""New certificates without a restart: by SIGHUP, by certbot's hook, and never at the cost of a stream."""

import os
import re
import shutil
import signal
import ssl
import subprocess
import threading

import pytest

import pictures
from certificates import Authority, Pair
from handshakes import s_client
from settings import REPOSITORY
from viewer import Stream, Uploader
from waiting import wait_until
from wire import ConnectionEnded

FAILED = "error reload failed"
HOOK = REPOSITORY / "docs/tls/renewal-hook.sh"


def reload(relay, pattern: str = r" reloaded\b") -> str:
    seen = len(relay.log_lines(pattern))
    relay.signal(signal.SIGHUP)
    return relay.wait_for_line(pattern, seen + 1)


def test_a_new_pair_is_served_to_new_connections_and_old_ones_go_on(start_relay, authority):
    pair, renewed = authority.local(), authority.local(kind="rsa")
    relay = start_relay(pairs=[pair], over_tls=True)
    old = pair.serial
    with relay.connect() as before:
        assert s_client(relay.tls_port).serial == old
        pair.replace_by(renewed)
        reload(relay)
        assert [s_client(relay.tls_port).serial for _ in range(8)] == [renewed.serial] * 8
        before.request("GET", "/healthz")
        assert before.response().status == 200
    line = relay.log_lines(r" certificate ")[-1]
    assert renewed.fingerprint in line.replace(":", "").lower(), line


def spoilt(how: str, pair: Pair, authority: Authority):
    """Puts something into the files of a pair that cannot be served."""
    if how == "a key of another certificate":
        pair.key.write_bytes(authority.local().key.read_bytes())
    elif how == "a cut certificate":
        pair.certificate.write_bytes(pair.certificate.read_bytes()[:300])
    elif how == "a key for everybody":
        pair.key.chmod(0o644)
    else:
        pair.key.unlink()


@pytest.mark.parametrize("how", ["a key of another certificate", "a cut certificate", "a key for everybody", "no key"])
def test_a_bad_pair_keeps_the_old_and_the_log_says_why(start_relay, authority, tmp_path, how):
    pair, other = authority.local(), authority.pair("camera.example.test")
    settings = tmp_path / "evrelay.conf"
    settings.write_text("EVRELAY_MAX_VIEWERS=10\n")
    relay = start_relay("--config", str(settings), pairs=[pair, other], over_tls=True, expected_problems=(FAILED,))
    kept = pair.certificate.read_bytes(), pair.key.read_bytes(), pair.serial
    spoilt(how, pair, authority)
    settings.write_text("EVRELAY_MAX_VIEWERS=20\n")
    line = reload(relay, FAILED)
    assert str(pair.key) in line or str(pair.certificate) in line, line
    assert [s_client(relay.tls_port).serial for _ in range(4)] == [kept[2]] * 4
    assert s_client(relay.tls_port, name="camera.example.test").serial == other.serial
    assert relay.metric("evrelay_viewers_limit") == 10, "nothing else of a failed reload holds"
    # Mended, the next reload works.
    pair.certificate.write_bytes(kept[0])
    pair.key.unlink(missing_ok=True)
    pair.key.write_bytes(kept[1])
    pair.key.chmod(0o600)
    reload(relay)
    assert relay.metric("evrelay_viewers_limit") == 20


class Crowd:
    """Many viewers of one stream over TLS on a thread; each frame is looked at, and who ended is told."""

    def __init__(self, relay, count: int):
        self.frames = [0] * count
        self.ended: dict[int, BaseException] = {}
        self._wires = [relay.connect() for _ in range(count)]
        self._streams = [Stream(wire) for wire in self._wires]
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._watch, args=(index,), daemon=True) for index in range(count)]
        for thread in self._threads:
            thread.start()

    def _watch(self, index: int):
        try:
            while not self._stopping.is_set():
                frame = self._streams[index].frame()
                if frame is None:
                    raise ConnectionEnded("the closing delimiter")
                pictures.number_of(frame)
                self.frames[index] += 1
        except BaseException as failure:  # Kept for the test's own thread, which reports it.
            if not self._stopping.is_set():
                self.ended[index] = failure

    def wait_for_more(self, count: int):
        """Waits until each has seen so many further frames, and nobody has ended."""
        wanted = [seen + count for seen in self.frames]

        def enough():
            assert not self.ended, self.ended
            return all(seen >= least for seen, least in zip(self.frames, wanted, strict=True))
        wait_until(enough, 60, f"{count} frames for each of {len(wanted)} viewers; {min(self.frames)} at the slowest")

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join(20)
        for wire in self._wires:
            wire.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_reloads_under_a_hundred_streams_end_none_of_them(start_relay, authority, version):
    pair = authority.local()
    relay = start_relay(pairs=[pair], over_tls=True)
    relay.tls_port.context.minimum_version = relay.tls_port.context.maximum_version = version
    camera = Uploader(relay.port, frames_per_second=5)
    crowd = Crowd(relay, 100)
    try:
        crowd.wait_for_more(2)
        for _ in range(5):
            renewed = authority.local()
            pair.replace_by(renewed)
            reload(relay)
            assert s_client(relay.tls_port).serial == renewed.serial
            crowd.wait_for_more(2)
        camera.check_undisturbed()
        assert relay.camera()["viewers"] == 100
    finally:
        crowd.stop()
        camera.stop()


@pytest.fixture
def lineage(tmp_path):
    """certbot's folders: `live` has links to numbered files of `archive`, which only root may read."""
    def renew(pair: Pair, number: int):
        live, archive = tmp_path / "live/camera.example.test", tmp_path / "archive/camera.example.test"
        for folder in (live, archive):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, source in (("fullchain", pair.certificate), ("privkey", pair.key)):
            shutil.copy(source, archive / f"{name}{number}.pem")
            (live / f"{name}.pem").unlink(missing_ok=True)
            (live / f"{name}.pem").symlink_to(f"../../archive/camera.example.test/{name}{number}.pem")
        return live
    return renew


def run_hook(lineage, folder, reload_command: str = "true", **extra: str):
    done = subprocess.run(
        [HOOK], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL, env={
            "PATH": os.environ["PATH"], "RENEWED_LINEAGE": str(lineage), "EVRELAY_TLS_FOLDER": str(folder),
            "EVRELAY_GROUP": str(os.getgid()), "EVRELAY_RELOAD": reload_command, **extra})
    assert done.returncode == 0 and done.stdout == done.stderr == "", done


def test_certbot_s_hook_brings_a_renewed_certificate_to_the_running_relay(start_relay, authority, lineage, tmp_path):
    first, renewed = authority.pair("localhost"), authority.pair("localhost")
    folder = tmp_path / "tls"
    run_hook(lineage(first, 1), folder)
    served = Pair(folder / "camera.example.test.pem", folder / "camera.example.test.key.pem", authority.path)
    assert served.key.stat().st_mode & 0o777 == 0o640 and folder.stat().st_mode & 0o777 == 0o750
    assert served.certificate.stat().st_mode & 0o777 == 0o644
    relay = start_relay(pairs=[served])
    assert s_client(relay.tls_port).serial == first.serial
    run_hook(lineage(renewed, 2), folder, f"kill -HUP {relay.pid}")
    relay.wait_for_line(r" reloaded\b")
    assert s_client(relay.tls_port).serial == renewed.serial
    assert sorted(path.name for path in folder.iterdir()) == [served.key.name, served.certificate.name]


def test_the_hook_leaves_certificates_of_other_programs_alone(authority, lineage, tmp_path):
    folder = tmp_path / "tls"
    run_hook(lineage(authority.pair("localhost"), 1), folder, "false", EVRELAY_CERTIFICATE="other.example.test")
    assert not folder.exists()


def test_the_hook_is_named_where_certbot_looks_for_it():
    assert re.search(r"/etc/letsencrypt/renewal-hooks/deploy/evrelay", (REPOSITORY / "docs/tls.md").read_text())
