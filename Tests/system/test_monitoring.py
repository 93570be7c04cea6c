# SPDX-License-Identifier: MIT
"""docs/monitoring against a live /metrics, and as the programs that read it see it."""

import json
import re

import pytest

import pictures
from conftest import running_relay
from monitoring import (
    DASHBOARD, FOLDER, ITS_OWN_LABELS, alert_rules, dashboard_expressions, promtool, selectors, series, value)
from settings import REPOSITORY
from viewer import Stream
from waiting import wait_until


@pytest.fixture(scope="module")
def scraped(authority) -> str:
    """What a relay says after everything has happened once that it counts."""
    with running_relay("--max-cameras", "4", pairs=[authority.local()]) as relay:
        for name in [f"camera{number}" for number in range(10)]:
            relay.upload(pictures.numbered(1), name)
        with relay.connect() as wire:
            stream = Stream(wire, "/stream/camera0")
            stream.frame()
            relay.upload(pictures.numbered(2), "camera0")
            stream.frame()
        relay.wait_for_line(r"viewer left")
        assert relay.upload(b"no picture").status == 422
        assert relay.get("/snapshot/attic").status == 404
        yield relay.get("/metrics").body.decode()


def test_promtool_has_no_complaint_about_the_metrics(scraped):
    assert promtool("check", "metrics", stdin=scraped) == ""


def test_promtool_has_no_complaint_about_the_configuration_and_the_rules():
    assert f"{len(alert_rules())} rules found" in promtool("check", "config", str(FOLDER / "prometheus.yml"))
    assert "SUCCESS" in promtool("check", "rules", str(FOLDER / "alerts.yml"))


def test_the_alerts_fire_when_they_should_and_only_then():
    assert "SUCCESS" in promtool("test", "rules", str(REPOSITORY / "Tests/system/alerts_test.yml"))


def test_each_alert_has_a_test_of_its_own_and_leads_to_a_section_of_the_manual():
    tested = (REPOSITORY / "Tests/system/alerts_test.yml").read_text()
    manuals = [(REPOSITORY / name).read_text() for name in ("docs/operations.md", "docs/tls.md")]
    headings = {heading for manual in manuals for heading in re.findall(r"^##+ (.+)$", manual, re.MULTILINE)}
    assert len(alert_rules()) >= 12
    for rule in alert_rules():
        assert rule["name"] in tested, rule["name"]
        text = re.sub(r"\s+", " ", rule["text"])
        assert re.search(r"severity: (critical|warning)\b", text), rule
        named = re.findall(r'"([^"]+)"', re.search(r"docs/(operations|tls)\.md.*", text).group(0))
        assert named and set(named) <= headings, (rule["name"], named, headings)


def test_the_dashboards_queries_are_queries(tmp_path):
    expressions = dashboard_expressions()
    assert len(expressions) >= 40
    rules = tmp_path / "rules.yml"
    rules.write_text("groups:\n  - name: dashboard\n    rules:\n" + "".join(
        f"      - {{record: query{number}, expr: '{expression}'}}\n" for number, expression in enumerate(expressions)))
    assert f"{len(expressions)} rules found" in promtool("check", "rules", str(rules))


def test_what_alerts_and_dashboard_ask_for_is_in_the_metrics(scraped):
    there, wrong = series(scraped), []
    for expression in [rule["expression"] for rule in alert_rules()] + dashboard_expressions():
        asked = [(name, labels) for name, labels in selectors(expression) if name != "up"]
        assert asked or "up" in expression, expression
        wrong += [f"there is no {name}" for name, _ in asked if name not in there]
        known = {name: set().union(*there.get(name, [{}])) | ITS_OWN_LABELS for name, _ in asked}
        wrong += [f"{name} has no label {labels - known[name]}" for name, labels in asked if labels - known[name]]
        for clause in re.findall(r"\b(?:by|without|on) \(([^)]+)\)", expression):
            labels = set(re.split(r", *", clause)) - ITS_OWN_LABELS
            wrong += [f"{expression} has no label {labels}"] if labels - set().union(*known.values()) else []
    assert not wrong, "\n".join(wrong)


def test_the_readme_lists_what_there_is(scraped):
    text = (FOLDER / "README.md").read_text()
    listed = {name: set(filter(None, re.split(", ?", labels))) for name, labels in
              re.findall(r"`((?:evrelay|process)_\w+)(?:\{([^}]*)\})?`", text)}
    there = {re.sub(r"_seconds_(?:bucket|count|sum)$", "_seconds", name): set(found[0]) - {"le"}
             for name, found in series(scraped).items()}
    assert listed == there


def test_the_queries_in_the_readme_are_queries(scraped, tmp_path):
    queries = re.findall(r"^```promql\n(.*?)^```$", (FOLDER / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(queries) == 3
    for query in queries:
        rules = tmp_path / "rules.yml"
        rules.write_text(f"groups: [{{name: readme, rules: [{{record: query, expr: {json.dumps(query)}}}]}}]\n")
        promtool("check", "rules", str(rules))
        assert all(name in series(scraped) for name, _ in selectors(query)), query


def test_there_are_never_more_camera_labels_than_cameras(scraped):
    """A stranger who invents names must not fill somebody's database."""
    for name, found in series(scraped).items():
        cameras = {labels["camera"] for labels in found if "camera" in labels}
        assert len(cameras) <= 4, (name, cameras)
    assert {labels["camera"] for labels in series(scraped)["evrelay_camera_up"]} == {f"camera{n}" for n in range(4)}
    assert len(series(scraped)["evrelay_upload_refusals_total"]) < 40


def test_a_forgotten_camera_leaves_the_metrics():
    times = [text for name in ("stale", "offline", "forget") for text in (f"--{name}-after", "1s")]
    with running_relay(*times) as relay:
        relay.upload(pictures.numbered(1), "door")
        assert value(relay.get("/metrics").body.decode(), "evrelay_camera_up", camera="door") == 1
        wait_until(lambda: 'camera="door"' not in relay.get("/metrics").body.decode(), 20, "the camera's end")


def test_the_dashboard_can_be_imported():
    """Grafana asks for each input, and refuses panels that name another source or share a number."""
    assert [given["name"] for given in DASHBOARD["__inputs"]] == ["DS_PROMETHEUS"]
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    rows = [panel["title"] for panel in panels if panel["type"] == "row"]
    assert rows == ["Overview", "Cameras", "Viewers", "Latency", "Limits", "Process"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert place["x"] + place["w"] <= 24 and not cells & taken, f"{panel['title']} lies on another"
        taken |= cells
        if panel["type"] != "row":
            sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
            assert all(source["uid"] == "${DS_PROMETHEUS}" for source in sources), panel["title"]
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
            assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0
    variables = {variable["name"]: variable["definition"] for variable in DASHBOARD["templating"]["list"]}
    assert list(variables) == ["job", "instance", "camera"]


def test_the_dashboards_variables_are_filled_from_metrics_that_are_there(scraped):
    for variable in DASHBOARD["templating"]["list"]:
        name, label = re.fullmatch(r"label_values\((\w+)(?:\{[^}]*\})?, (\w+)\)", variable["definition"]).groups()
        assert name in series(scraped)
        assert label in ITS_OWN_LABELS or label in series(scraped)[name][0]
