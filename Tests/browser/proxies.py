# SPDX-License-Identifier: MIT
"""Real reverse proxies in front of the server, each with its own folder, port and process."""

import os
import shutil
import subprocess
import time
import urllib.request

from ports import free_port

START_SECONDS = 15
NGINX_WHOLE = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{
        default upgrade;
        ''      '';
    }}
    server {{
        listen 127.0.0.1:{port};
        location {prefix} {{
            proxy_pass http://127.0.0.1:{upstream}/;
            {lines}
        }}
    }}
}}
"""
NGINX_GOOD = """
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_buffering off;
    client_max_body_size 5m;
"""
CADDY_WHOLE = """
{{
    admin off
    auto_https off
    storage file_system {folder}
}}
http://:{port} {{
    bind 127.0.0.1
    handle_path {prefix}* {{
        reverse_proxy 127.0.0.1:{upstream}
    }}
}}
"""


def program(name):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    assert found, f"{name} is not installed; scripts/install-tools.sh test installs it"
    return found


class Proxy:
    """One running proxy; `url` is the site's root behind it, with a slash at its end."""

    def __init__(self, command, folder, port, prefix, host="localhost"):
        self.log = folder / "output.log"
        self.url = f"http://{host}:{port}{prefix}"
        with open(self.log, "w") as log:
            environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        self._wait(f"http://127.0.0.1:{port}{prefix}healthz")

    def _wait(self, address):
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(address, timeout=5):
                    return
            except OSError as error:
                if time.monotonic() > end or self.process.poll() is not None:
                    self.stop()
                    raise AssertionError(f"no answer from {address}: {error}\n{self.log.read_text()}") from None
            time.sleep(0.02)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


def start_nginx(folder, upstream, prefix="/cam/", lines=NGINX_GOOD, host="localhost"):
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    text = NGINX_WHOLE.format(folder=folder, port=port, prefix=prefix, upstream=upstream, lines=lines, user=user)
    (folder / "nginx.conf").write_text(text)
    return Proxy([program("nginx"), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")], folder, port,
                 prefix, host)


def start_caddy(folder, upstream, prefix="/cam/", host="localhost"):
    port = free_port()
    text = CADDY_WHOLE.format(folder=folder, port=port, prefix=prefix, upstream=upstream)
    (folder / "Caddyfile").write_text(text)
    command = [program("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    return Proxy(command, folder, port, prefix, host)
