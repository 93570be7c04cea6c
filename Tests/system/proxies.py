# SPDX-License-Identifier: MIT
"""nginx and Caddy in front of a relay, run with the very files of docs/proxies, and networks of a test's own."""

import contextlib
import ctypes
import os
import pathlib
import re
import signal
import socket
import subprocess

from conftest import running_relay
from ports import free_port
from relay import Relay
from settings import REPOSITORY
from waiting import wait_until
from wire import Wire

OWN_HOST = "camera.example.org"
SHARED_HOST = "www.example.org"
# A client's address that no proxy has, so that the relay can tell the two.
CLIENT = "127.0.0.2"
_CLONE_NEWNET = 0x40000000


@contextlib.contextmanager
def own_network(**settings: int):
    """Everything that is started in here has a loopback network of its own, with these settings of net.ipv4."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if libc.unshare(_CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare: a network of its own needs root")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=10)
        for name, value in settings.items():
            pathlib.Path(f"/proc/sys/net/ipv4/{name}").write_text(str(value))
        yield
    finally:
        if libc.setns(before, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(before)


def replaced(text: str, changes: dict[str, tuple[str, int]]) -> str:
    """The text with each pattern replaced; fails unless it occurs exactly as often as said."""
    for pattern, (value, count) in changes.items():
        text, found = re.subn(pattern, lambda _, value=value: value, text, flags=re.MULTILINE)
        assert found == count, f"{pattern!r} occurs {found} times instead of {count}"
    return text


class Proxy:
    """A proxy that runs; requests go to `port`."""

    def __init__(self, command: list[str], port: int, environment: dict[str, str], log: pathlib.Path):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            wait_until(self._accepts, 20, f"{command[0]} to accept on {port}")
        except AssertionError:
            self.process.kill()
            self.process.wait()
            raise

    def _accepts(self) -> bool:
        assert self.process.poll() is None, f"it ended: {self.log.read_text()}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def _running(*arguments):
    proxy = Proxy(*arguments)
    try:
        yield proxy
    finally:
        proxy.stop()


def nginx(relay: Relay, folder: pathlib.Path, behind_server_name: str = "", tls: bool = False):
    """nginx with docs/proxies/nginx.conf; only the ports are others, and what a test adds to the first server."""
    port, tls_port = free_port(), free_port()
    text = (REPOSITORY / "docs/proxies/nginx.conf").read_text()
    if tls:
        text = replaced(text, {
            r"(?<=^    )# (?=listen |ssl_)": ("", 8), r"/etc/letsencrypt/live/[a-z.]+": (str(folder), 4)})
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=test", "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
            check=True, capture_output=True, timeout=60)
    (folder / "evrelay.conf").write_text(replaced(text, {
        rf"(?<=^    server_name {re.escape(OWN_HOST)};$)": (f"\n{behind_server_name}", 1),
        r"(?<=^    server )127\.0\.0\.1:30333(?=;$)": (f"127.0.0.1:{relay.port}", 1),
        r"(?<=^    listen )80(?=[ ;])": (f"127.0.0.1:{port}", 2),
        r"(?<=^    listen )\[::\]:80(?=[ ;])": (f"[::1]:{port}", 2),
        r"(?<=^    listen )443(?=[ ;])": (f"127.0.0.1:{tls_port}", 2 * tls),
        r"(?<=^    listen )\[::\]:443(?=[ ;])": (f"[::1]:{tls_port}", 2 * tls),
    }))
    # What surrounds it comes from Debian's nginx.conf, as far as it could matter for what passes.
    (folder / "nginx.conf").write_text(f"""
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    gzip on;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/evrelay.conf;
}}
""")
    command = ["nginx", "-e", "stderr", "-c", f"{folder}/nginx.conf"]
    return _running(command, tls_port if tls else port, {}, folder / "nginx.log")


def caddy(relay: Relay, folder: pathlib.Path, tls: bool = False):
    """Caddy with docs/proxies/Caddyfile; only the ports are others, and certificates are its own or none."""
    port = free_port()
    scheme = "https" if tls else "http"
    text = replaced((REPOSITORY / "docs/proxies/Caddyfile").read_text(), {
        r"(?<=^\treverse_proxy )127\.0\.0\.1:30333(?= {$)": (f"127.0.0.1:{relay.port}", 1),
        r"^camera\.example\.org(?= {$)": (f"{scheme}://{OWN_HOST}:{port}", 1),
        r"^www\.example\.org(?= {$)": (f"{scheme}://{SHARED_HOST}:{port}", 1),
    })
    own = "\tlocal_certs\n\tskip_install_trust\n\tauto_https disable_redirects\n" if tls else ""
    (folder / "Caddyfile").write_text("{\n\tadmin off\n" + own + "}\n" + text)
    # It keeps its state below these.
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return _running(["caddy", "run", "--config", f"{folder}/Caddyfile"], port, homes, folder / "caddy.log")


STARTS = {"nginx": nginx, "caddy": caddy}


class Front:
    """A relay and the proxy before it."""

    def __init__(self, relay, proxy):
        self.relay = relay
        self.proxy = proxy

    def connect(self, host: str = OWN_HOST, source: str = CLIENT, **options) -> Wire:
        return Wire(self.proxy.port, host=host, source=source, **options)

    def get(self, target: str, *fields: str, host: str = OWN_HOST, method: str = "GET"):
        with self.connect(host) as wire:
            wire.request(method, target, *fields, "Connection: close")
            return wire.response(method)

    def accepted_connections(self) -> int:
        text = self.relay.get("/metrics").body.decode()
        return int(re.search(r"^evrelay_connections_accepted_total (\d+)$", text, re.MULTILINE).group(1))


@contextlib.contextmanager
def in_front(kind: str, folder: pathlib.Path, *flags: str, **options):
    """A relay with these flags and one of STARTS before it."""
    with running_relay(*flags) as relay, STARTS[kind](relay, folder, **options) as proxy:
        yield Front(relay, proxy)
