# SPDX-License-Identifier: MIT
"""Who may do what with which key, as clients meet it: rights, cameras, ways to send a key, and reloads."""

import re
import signal

import pytest

import pictures
from credentials import WAYS, basic, bearer, denied, get_with, hashed, new_key, write_keys
from relay import run_binary
from viewer import Stream, Watcher
from waiting import wait_until
from wire import Wire

HOLDERS = {new_key(): holder for holder in ("door", "yard", "guest", "watchman", "all")}
DOOR, YARD, GUEST, WATCHMAN, ALL = HOLDERS
LINES = [
    "# KEY RIGHTS CAMERAS remark", "",
    f"{DOOR} publish door the camera at the door",
    f"{hashed(YARD)} publish,view yard,yard-* only its digest stands here",
    f"  {GUEST}\tview\tdoor ",
    f"{WATCHMAN} observe *",
    f"{ALL} publish,view,observe *",
]
FAILED = "error reload failed"


def in_words(value) -> str | None:
    """A parameter's name in its test's: a key, which is another one in each process, by who holds it."""
    return HOLDERS.get(value) if isinstance(value, str) else None


@pytest.fixture
def file(tmp_path):
    return write_keys(tmp_path / "keys", *LINES)


@pytest.fixture
def private(start_relay, file):
    """A relay where everything takes a right, with a frame of two cameras."""
    relay = start_relay("--private", "--keys", str(file))
    for camera in ("door", "yard"):
        assert relay.upload(pictures.numbered(1), camera, bearer(ALL)).status == 200
    return relay


def reload(relay, pattern: str = r" reloaded\b") -> str:
    seen = len(relay.log_lines(pattern))
    relay.signal(signal.SIGHUP)
    return relay.wait_for_line(pattern, seen + 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("target", ["/snapshot/door", "/snapshot/door.jpg", "/stream/door?frames=1", "/cameras/door",
                                    "/?action=snapshot&camera=door", "/?action=stream&camera=door&frames=1"])
def test_a_key_is_taken_in_every_way_that_clients_have(private, way, target):
    assert get_with(private, way, GUEST, target).status == 200
    denied(private.get(target), 401, "key-required")
    denied(get_with(private, way, new_key(), target), 401, "key-wrong")


@pytest.mark.parametrize(("key", "camera", "status"), [
    (DOOR, "door", 200), (DOOR, "yard", 403), (YARD, "yard", 200), (YARD, "yard-2", 200), (YARD, "yards", 403),
    (YARD, "door", 403), (GUEST, "door", 403), (WATCHMAN, "door", 403), (ALL, "anything", 200)], ids=in_words)
def test_publishing_takes_the_right_for_that_camera(private, key, camera, status):
    answer = private.upload(pictures.numbered(1), camera, bearer(key))
    if status == 403:
        denied(answer, 403, "right-missing")
    assert answer.status == status
    denied(private.upload(pictures.numbered(1), camera), 401, "key-required")


def test_a_refused_upload_changes_nothing_and_is_refused_before_its_body(private):
    sequence = private.get("/cameras/door", bearer(ALL)).json()["sequence"]
    with private.connect() as wire:
        wire.request("POST", "/upload/door", "Content-Type: image/jpeg", "Content-Length: 100000", bearer(GUEST))
        denied(wire.response("POST"), 403, "right-missing")
    assert private.get("/cameras/door", bearer(ALL)).json()["sequence"] == sequence
    denied(private.upload(pictures.numbered(1), "new-one", bearer(GUEST)), 403, "right-missing")
    assert private.get("/cameras/new-one", bearer(ALL)).status == 404


@pytest.mark.parametrize(("key", "listed"), [
    (DOOR, []), (YARD, ["yard"]), (GUEST, ["door"]), (WATCHMAN, ["door", "yard"]), (ALL, ["door", "yard"])], ids=in_words)
def test_the_list_of_cameras_has_what_the_asker_may_look_at(private, key, listed):
    answer = private.get("/cameras", bearer(key))
    if listed:
        assert [camera["name"] for camera in answer.json()["cameras"]] == listed
    else:
        assert answer.status == 403 or answer.json()["cameras"] == [], answer


def test_metrics_take_the_right_to_observe(private):
    denied(private.get("/metrics"), 401, "key-required")
    denied(private.get("/metrics", bearer(GUEST)), 403, "right-missing")
    for key in (WATCHMAN, ALL):
        assert b'camera="yard"' in private.get("/metrics", bearer(key)).body


def test_metrics_have_the_cameras_that_the_asker_may_observe(start_relay, tmp_path):
    one = new_key()
    keys = write_keys(tmp_path / "keys", f"{one} observe door", f"{ALL} publish,view,observe *")
    relay = start_relay("--private", "--keys", str(keys))
    for camera in ("door", "yard"):
        relay.upload(pictures.numbered(1), camera, bearer(ALL))
    page = relay.get("/metrics", bearer(one)).body.decode()
    assert set(re.findall(r'\bcamera="([^"]*)"', page)) == {"door"}


@pytest.mark.parametrize("target", ["/", "/watch/door", "/camera", "/healthz", "/readyz"])
def test_pages_and_health_are_open(private, target):
    assert private.get(target).status == 200
    assert private.get(target, bearer(new_key())).status == 200


def test_where_nothing_is_asked_for_a_wrong_key_does_no_harm(start_relay, file):
    relay = start_relay("--keys", str(file))
    relay.upload(pictures.numbered(1), "door", bearer(DOOR))
    for target in ("/snapshot/door", "/stream/door?frames=1", "/cameras", "/metrics"):
        assert relay.get(target).status == 200
        for way in WAYS:
            assert get_with(relay, way, new_key(), target).status == 200


def test_with_a_key_for_publishing_this_machine_needs_one_too(start_relay, file, tmp_path):
    denied(start_relay("--keys", str(file)).upload(pictures.numbered(1), "door"), 401, "key-required")
    only_viewers = write_keys(tmp_path / "viewers", f"{GUEST} view door")
    assert start_relay("--keys", str(only_viewers)).upload(pictures.numbered(1), "door").status == 200


@pytest.mark.parametrize("field", ["X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1"])
def test_without_keys_only_this_machine_may_publish(relay, field):
    assert relay.upload(pictures.numbered(1)).status == 200
    denied(relay.upload(pictures.numbered(1), "", field), 403, "publishing-not-allowed")


def test_open_publishing_needs_no_key_even_with_keys(start_relay, file):
    relay = start_relay("--open-publishing", "--keys", str(file))
    assert relay.upload(pictures.numbered(1), "door", "X-Forwarded-For: 203.0.113.9").status == 200


def test_private_without_any_key_is_a_wrong_configuration(tmp_path):
    for flags in (["--private"], ["--private", "--keys", str(write_keys(tmp_path / "none", "# nobody"))]):
        done = run_binary("--check", *flags)
        assert done.returncode == 78 and "--private" in done.stderr and "--keys" in done.stderr, done


@pytest.mark.parametrize(("header", "challenges"), [
    (None, ["Basic", "Bearer"]), ("X-Requested-With: EvRelay", ["Bearer"]), ("Sec-Fetch-Dest: empty", ["Bearer"]),
    ("Sec-Fetch-Dest: image", ["Basic", "Bearer"])])
def test_the_challenge_makes_browsers_ask_but_not_over_a_page_s_own_requests(private, header, challenges):
    with private.connect() as wire:
        wire.request("GET", "/snapshot/door", *([header] if header else []))
        wire.take_through(b"401 ")
        head = wire.take_through(b"\r\n\r\n").decode()
    assert re.findall(r"^WWW-Authenticate: (\w+) realm=\"EvRelay\"", head, re.MULTILINE) == challenges, head


@pytest.mark.parametrize(("field", "reason"), [
    ("Authorization: Bearer", None), ("Authorization: Basic !!!", None), ("Authorization: Digest x=1", "key-required"),
    ("Authorization: Basic " + "A" * 2000, None), (bearer("short"), None), (bearer("x" * 200), None),
    (bearer("ключ-ключ-ключ-ключ"), None), (basic(""), None), (basic("a:b:" + "c" * 32), None)])
def test_odd_credentials_are_refused_with_401_or_as_malformed(private, field, reason):
    with private.connect() as wire:
        wire.send(f"GET /snapshot/door HTTP/1.1\r\nHost: localhost\r\n{field}\r\nConnection: close\r\n\r\n".encode())
        answer = wire.response()
    assert answer.status in (400, 401) and (reason is None or answer.json()["reason"] == reason), answer


def test_the_query_beats_the_header_and_two_credentials_do_not_help(private):
    denied(private.get(f"/snapshot/door?key={new_key()}", bearer(GUEST)), 401, "key-wrong")
    assert private.get(f"/snapshot/door?key={GUEST}", bearer(new_key())).status == 200


def test_a_head_and_a_preflight_ask_for_what_get_asks_for(private):
    assert private.get("/snapshot/door", method="HEAD").status == 401
    assert private.get(f"/snapshot/door?key={GUEST}", method="HEAD").status == 200
    assert private.get("/snapshot/door", method="OPTIONS").status in (200, 204)


def test_a_key_that_is_taken_away_ends_what_lives_by_it_and_nothing_else(start_relay, file):
    relay = start_relay("--private", "--keys", str(file), "--repeat-after", "100ms")
    relay.upload(pictures.numbered(1), "door", bearer(ALL))
    gone = Watcher(relay.port, f"/stream/door?key={GUEST}")
    stays = Watcher(relay.port, f"/stream/door?key={ALL}")
    waiting = relay.connect()
    waiting.request("GET", f"/snapshot/door?after=99999999999999&key={GUEST}")
    gone.wait_for(1)
    write_keys(file, *[line for line in LINES if GUEST not in line])
    reload(relay)
    wait_until(lambda: gone.ended, 10, "the stream of the key that is gone")
    assert gone.closed_well and gone.failure is None, "no closing delimiter"
    assert waiting.response().status == 401
    waiting.close()
    relay.wait_for_line("viewer left .*reason=access-ended")
    stays.wait_for(1)
    assert not stays.ended and stays.failure is None
    stays.stop()
    gone.stop()
    denied(relay.get(f"/snapshot/door?key={GUEST}"), 401, "key-wrong")


def test_a_streaming_upload_ends_with_its_key(start_relay, file):
    relay = start_relay("--keys", str(file))
    frame = pictures.numbered(1)
    part = b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(frame), frame)
    with relay.connect() as wire:
        wire.request("POST", "/upload/door", bearer(DOOR), "Content-Type: multipart/x-mixed-replace; boundary=x",
                     "Transfer-Encoding: chunked", body=b"%x\r\n%b\r\n" % (len(part), part))
        wait_until(lambda: relay.get("/snapshot/door").status == 200, what="the first frame")
        write_keys(file, *[line for line in LINES if DOOR not in line])
        reload(relay)
        denied(wire.response("POST"), 401, "key-wrong")
        assert wire.ends_within(5)


BROKEN = [
    (f"{new_key()} watch door", "a right"), (f"{new_key()} view", "line 2"), ("short view door", "16"),
    (f"{'x' * 129} view door", "128"), (f"{new_key()}.{new_key()} view door", "line 2"), ("sha256:12 view door", "64"),
    (f"{new_key()} view a/b", "a camera"),
]


@pytest.mark.parametrize(("line", "named"), BROKEN, ids=range(len(BROKEN)))
def test_a_wrong_line_is_named_at_the_start_and_a_reload_keeps_the_old_keys(start_relay, tmp_path, line, named):
    file = write_keys(tmp_path / "keys", f"{GUEST} view door", line)
    done = run_binary("--check", "--keys", str(file))
    assert done.returncode == 78 and str(file) in done.stderr and "line 2" in done.stderr and named in done.stderr, done
    assert line.split()[0] not in done.stderr or line.startswith(("short", "sha256:12")), "a key is printed"
    write_keys(file, f"{GUEST} view door")
    relay = start_relay("--private", "--keys", str(file), expected_problems=(FAILED,))
    write_keys(file, line, "# line 2")
    assert str(file) in reload(relay, FAILED)
    assert relay.get("/cameras", bearer(GUEST)).status == 200


def test_a_file_that_others_may_read_is_refused_with_the_command_that_mends_it(tmp_path):
    file = write_keys(tmp_path / "keys", f"{GUEST} view door")
    file.chmod(0o644)
    done = run_binary("--check", "--keys", str(file))
    assert done.returncode == 78 and f"chmod o-rwx {file}" in done.stderr, done


def test_more_keys_than_the_limit_are_refused(tmp_path):
    file = write_keys(tmp_path / "keys", *(f"{new_key()} view door" for _ in range(11)))
    assert run_binary("--check", "--keys", str(file), "--max-keys", "11").returncode == 0
    done = run_binary("--check", "--keys", str(file), "--max-keys", "10")
    assert done.returncode == 78 and "--max-keys" in done.stderr, done


def test_a_stream_begins_for_a_camera_that_has_not_sent_yet_only_with_the_right_for_it(private):
    with Wire(private.port) as wire:
        Stream(wire, f"/stream/not-yet?key={ALL}")
    denied(private.get(f"/stream/not-yet?key={GUEST}"), 403, "right-missing")
