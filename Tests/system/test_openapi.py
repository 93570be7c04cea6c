# SPDX-License-Identifier: MIT
"""docs/openapi.yaml against the built binary: generated requests, good and bad, with keys and without, get the answers that
it describes."""

import random
import re

import hypothesis
import pytest
import schemathesis
from schemathesis.specs.openapi import checks

import pictures
from conftest import running_relay
from credentials import WAYS, bearer, new_key, write_keys
from settings import REPOSITORY
from viewer import Uploader

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
EXAMPLES = 25
EXAMPLES_WITH_KEYS = 8
CONFIG = schemathesis.Config.from_dict({
    "checks": {
        # 503 is an answer, not an accident.
        "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", 503]},
        # No schema can say which camera exists (404), or how old its frame is (503).
        "positive_data_acceptance": {"expected-statuses": ["2xx", 304, 308, 404, 503]},
    },
    # TRACE, which it would try as well, is a method unknown here (501).
    "phases": {"coverage": {"unexpected-methods": ["DELETE", "PATCH", "POST", "PUT"]}},
    "operations": [
        # What one may do with a file's address does not depend on whether there is such a file.
        {"include-method": "OPTIONS", "checks": {"negative_data_rejection": {"enabled": False}}},
        # No schema can say which bytes are a JPEG (422), or parts with a delimiter (400); and schemathesis sends a
        # multipart body without its type (415); nor which camera has a publisher (409).
        {"include-path-regex": "^/upload", "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", 400, 409, 415, 422]}}},
        # Nor that a request must be an upgrade.
        {"include-path": "/doctor/socket", "checks": {"positive_data_acceptance": {"expected-statuses": [204, 426]}}},
    ],
})
schemathesis.serializer.alias(["image/jpg", "multipart/x-mixed-replace"], "image/jpeg")
schema = schemathesis.openapi.from_path(REPOSITORY / "docs/openapi.yaml", config=CONFIG)


@pytest.fixture(scope="module")
def described():
    """A relay that a camera uses meanwhile, which keeps it. Cameras are few, so that 503 is among the answers."""
    with running_relay("--max-cameras", "50", "--body-timeout", "2s", "--takeover", "refuse") as relay:
        relay.upload(pictures.numbered(1))
        camera = Uploader(relay.port, "door")
        yield relay
        camera.stop()
        camera.check_undisturbed()


def keep_bounded(case):
    """A stream without end would never be answered to the end: let it have one frame, of a camera that sends."""
    if "/stream" in case.path or str((case.query or {}).get("action", "")).startswith("stream"):
        case.query = dict(case.query or {})
        frames = case.query.get("frames")
        if frames is None or re.fullmatch(r"[1-9][0-9]{0,9}", str(frames)):
            case.query["frames"] = 1
        if NAME.fullmatch(str((case.path_parameters or {}).get("camera", ""))):
            case.path_parameters["camera"] = "door"
    if case.query and re.fullmatch(r"[0-9]{1,16}", str(case.query.get("after", ""))):
        case.query["after"] = 1
    if case.path == "/doctor/stream":
        case.query = {"parts": 2, "interval": 50} | dict(case.query or {})
        for name, allowed in (("parts", range(3, 41)), ("interval", range(101, 1001))):
            if str(case.query[name]) in map(str, allowed):
                case.query[name] = allowed[0] - 1


@schema.parametrize()
@hypothesis.settings(max_examples=EXAMPLES, deadline=None, derandomize=True,
                     suppress_health_check=list(hypothesis.HealthCheck))
def test_answers_are_as_described(described, case):
    keep_bounded(case)
    case.call_and_validate(base_url=described.url, timeout=30)


PUBLISHER, VIEWER, ALL = (new_key() for _ in range(3))
# A right key for something else is as likely as the one that fits. Wrong ones are in test_brute_force.py: they slow the
# address down.
HOLDERS = [None, PUBLISHER, VIEWER, ALL]
# Whether an answer is that of the right key no schema can say; what each answer looks like it does.
CONFORMANCE = [
    checks.status_code_conformance, checks.content_type_conformance, checks.response_schema_conformance,
    checks.response_headers_conformance]


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A private relay, where everything takes a key, with a camera that sends; and the statuses it has answered."""
    keys = write_keys(
        tmp_path_factory.mktemp("keys") / "keys", f"{PUBLISHER} publish *", f"{VIEWER} view,observe door",
        f"{ALL} publish,view,observe *")
    with running_relay("--private", "--keys", str(keys), "--body-timeout", "2s", "--takeover", "refuse") as relay:
        camera = Uploader(relay.port, "door", fields=(bearer(ALL),))
        statuses = set()
        yield relay, statuses
        camera.stop()
        camera.check_undisturbed()
    assert statuses >= {200, 401, 403, 404, 422}, statuses


@schema.parametrize()
@hypothesis.settings(max_examples=EXAMPLES_WITH_KEYS, deadline=None, derandomize=True,
                     suppress_health_check=list(hypothesis.HealthCheck))
def test_answers_with_keys_are_as_described(locked, case):
    relay, statuses = locked
    keep_bounded(case)
    # By the case itself, so that a replayed one gets the same.
    drawn = random.Random(f"{case.method} {case.path_parameters} {case.query} {case.headers}")
    holder, way = drawn.choice(HOLDERS), drawn.choice(list(WAYS))
    case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
    case.query = {name: value for name, value in (case.query or {}).items() if name != "key"}
    if holder:
        query, fields = WAYS[way](holder)
        case.headers |= dict(field.split(": ", 1) for field in fields)
        case.query |= dict([query[1:].split("=", 1)] if query else [])
    answer = case.call_and_validate(base_url=relay.url, timeout=30, checks=CONFORMANCE)
    statuses.add(answer.status_code)
