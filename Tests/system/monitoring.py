# SPDX-License-Identifier: MIT
"""What docs/monitoring asks of a relay's metrics, and a real Prometheus that runs it."""

import contextlib
import json
import pathlib
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from ports import free_port
from proxies import Proxy, replaced
from relay import Relay
from settings import REPOSITORY
from waiting import wait_until

FOLDER = REPOSITORY / "docs/monitoring"
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text())
# Labels that Prometheus itself adds.
ITS_OWN_LABELS = {"job", "instance"}


def promtool(*arguments: str, stdin: str = "") -> str:
    """Runs promtool; fails if it complains."""
    done = subprocess.run(["promtool", *arguments], input=stdin, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def dashboard_expressions(job: str = "evrelay", instance: str = ".*", camera: str = ".*") -> list[str]:
    """The dashboard's queries as Grafana sends them."""
    values = {"$__rate_interval": "1m", "$job": job, "$instance": instance, "$camera": camera}
    found = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]
    found += [annotation["expr"] for annotation in DASHBOARD["annotations"]["list"]]
    for name, value in values.items():
        found = [expression.replace(name, value) for expression in found]
    assert not [expression for expression in found if "$" in expression], found
    return found


def alert_rules() -> list[dict]:
    """The rules, read the way that needs no library: one key a line, as the file is written."""
    blocks = re.split(r"^      - alert: ", (FOLDER / "alerts.yml").read_text(), flags=re.MULTILINE)[1:]
    rules = []
    for block in blocks:
        block = block.split("\n\n")[0]
        folded = re.sub(r">-\n +", "", block)
        expression = re.search(r"^        expr: ((?:.|\n          )+)$", folded, re.MULTILINE).group(1)
        rules.append({"name": block.split("\n", 1)[0], "expression": re.sub(r"\s+", " ", expression), "text": block})
    return rules


def selectors(expression: str) -> list[tuple[str, set[str]]]:
    """Every metric of an expression, with the labels it is chosen by."""
    found = re.findall(r"\b((?:evrelay|process)_\w+|up)\b(?:\{([^}]*)\})?", expression)
    return [(name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", labels))) for name, labels in found]


def series(text: str) -> dict[str, list[dict[str, str]]]:
    """The samples of a /metrics answer: by name, the labels of each."""
    found: dict[str, list[dict[str, str]]] = {}
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", text, re.MULTILINE):
        found.setdefault(name, []).append(dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels)))
    return found


def value(text: str, name: str, **labels: str) -> float:
    """One sample's value."""
    wanted = {f'{key}="{text}"' for key, text in labels.items()}
    for line in re.findall(rf"^{name}(?:\{{.*\}})? \S+$", text, re.MULTILINE):
        if all(label in line for label in wanted):
            return float(line.rsplit(" ", 1)[1])
    raise AssertionError(f"no {name} with {labels} in:\n{text}")


class Prometheus(Proxy):
    """A Prometheus that runs."""

    def ask(self, path: str, **parameters: str):
        address = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(address, timeout=10) as got:
            answer = json.load(got)
        assert answer["status"] == "success", answer
        return answer["data"]

    def is_ready(self) -> bool:
        """It answers 503 while it opens its database."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=10):
                return True
        except urllib.error.HTTPError as answer:
            answer.close()
            return False

    def query(self, expression: str) -> list[dict]:
        return self.ask("query", query=expression)["result"]

    def number(self, expression: str) -> float | None:
        """The only value of an expression; None while there is none."""
        found = self.query(expression)
        assert len(found) <= 1, found
        return float(found[0]["value"][1]) if found else None


@contextlib.contextmanager
def prometheus(relay: Relay, folder: pathlib.Path):
    """Prometheus with docs/monitoring; only the target is another, and it looks more often."""
    port = free_port()
    (folder / "prometheus.yml").write_text(replaced((FOLDER / "prometheus.yml").read_text(), {
        r"(?<=_interval: )15s$": ("500ms", 2),
        r'(?<=targets: \["localhost:)30333(?="\]$)': (str(relay.port), 1),
    }))
    (folder / "alerts.yml").write_text((FOLDER / "alerts.yml").read_text())
    running = Prometheus(
        ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
         f"--web.listen-address=127.0.0.1:{port}"],
        port, {}, folder / "prometheus.log")
    try:
        wait_until(running.is_ready, 30, "Prometheus")
        yield running
    finally:
        running.stop()
