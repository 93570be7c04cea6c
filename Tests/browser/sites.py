# SPDX-License-Identifier: MIT
"""Another web site beside the relay's, with pages of its own, and a certificate for the relay."""

import http.server
import subprocess
import threading

from conftest import PUBLIC_NAME


class Site:
    """Serves pages made of text on a port of its own, which makes it another origin to the browser."""

    def __init__(self):
        pages = self.pages = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = pages.get(self.path)
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write((body or "").encode())

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def page(self, body):
        """Puts these lines on a page; its address."""
        path = f"/{len(self.pages)}"
        self.pages[path] = f"<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><title>Site</title>{body}"
        return self.url + path

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def make_pair(folder):
    """A self-signed certificate and its key; the flags that serve with them."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
         "-subj", "/CN=localhost", "-addext", f"subjectAltName=DNS:localhost,DNS:{PUBLIC_NAME},IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)
    key.chmod(0o600)
    return ["--tls-listen", "127.0.0.1:0", "--tls-certificate", str(certificate), "--tls-key", str(key)]
