# SPDX-License-Identifier: MIT
"""A real Prometheus with docs/monitoring: it scrapes a relay at work and answers what the dashboard and alerts ask."""

import pytest

import pictures
from conftest import running_relay
from monitoring import alert_rules, dashboard_expressions, prometheus
from viewer import Stream, Uploader, Watcher
from waiting import wait_until

SENT = 25
# Nothing happens in this test that these would show.
MAY_BE_EMPTY = ("changes(process_start_time_seconds",)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A relay with a camera that sends SENT frames to a viewer, another pair that goes on, and refusals."""
    with running_relay() as relay, prometheus(relay, tmp_path_factory.mktemp("prometheus")) as server:
        wait_until(lambda: server.number('up{job="evrelay"}') == 1, 30, "the first scrape")
        # Rates begin with the second sample of a series, so each has to be there before it grows.
        refuse(relay)
        camera, viewer = Uploader(relay.port, "yard"), Watcher(relay.port, "/stream/yard")
        wait_until(lambda: server.query("evrelay_refusals_total"), 10, "a scrape")
        with relay.connect() as wire:
            stream = Stream(wire, f"/stream/door?frames={SENT}")
            for number in range(1, SENT + 1):
                assert relay.upload(pictures.numbered(number), "door").status == 200
                assert stream.frame() == pictures.numbered(number)
            assert stream.frame() is None
        refuse(relay)
        wait_until(lambda: server.number('evrelay_camera_frames_received_total{camera="door"}') == SENT, 10, "frames")
        yield server
        camera.check_undisturbed()
        viewer.stop()
        camera.stop()


def refuse(relay):
    assert relay.upload(b"no picture", "door").status == 422
    assert relay.get("/snapshot/attic").status == 404


def test_what_was_sent_is_what_is_counted(watched):
    assert watched.number('evrelay_camera_frames_received_total{camera="door"}') == SENT
    sizes = sum(len(pictures.numbered(number)) for number in range(1, SENT + 1))
    assert watched.number('evrelay_camera_received_bytes_total{camera="door"}') == sizes
    assert watched.number('evrelay_camera_frames_sent_total{camera="door"}') == SENT
    assert watched.number('evrelay_camera_sent_bytes_total{camera="door"}') > sizes
    assert watched.number('evrelay_upload_refusals_total{reason="not-a-jpeg"}') == 2
    assert watched.number('evrelay_refusals_total{reason="unknown-camera"}') == 2


def test_cameras_are_labels(watched):
    assert set(watched.ask("label/camera/values")) == {"door", "yard"}


def test_latencies_are_histograms(watched):
    for name in ("evrelay_delivery_latency_seconds", "evrelay_loop_lag_seconds"):
        assert 0 < watched.number(f"histogram_quantile(0.99, sum by (le) ({name}_bucket))") < 10, name
        assert watched.number(f"{name}_count") == watched.number(f'{name}_bucket{{le="+Inf"}}') > 0, name
    assert watched.number("evrelay_delivery_latency_seconds_count") >= SENT


def test_no_panel_of_the_dashboard_is_empty(watched):
    for expression in dashboard_expressions():
        if not expression.startswith(MAY_BE_EMPTY):
            wait_until(lambda asked=expression: watched.query(asked), 5, f"an answer to {expression}")


def test_prometheus_evaluates_every_rule_and_none_fires(watched):
    def evaluated():
        rules = [rule for group in watched.ask("rules")["groups"] for rule in group["rules"]]
        return rules if all(rule["health"] == "ok" for rule in rules) else None
    rules = wait_until(evaluated, 20, "an evaluation of every rule")
    assert [rule["name"] for rule in rules] == [rule["name"] for rule in alert_rules()]
    # A camera that is silent for seconds may be on its way to an alert; others not even that.
    assert {rule["name"] for rule in rules if rule["state"] != "inactive"} <= {"EvRelayCameraDown"}
