# SPDX-License-Identifier: MIT
"""The page that sends: a real browser's camera to the server, and every state it can be in."""

import pytest
from conftest import solid, wait_for, wait_for_motion, wait_for_text

STATE = "#note:not([hidden]) #sentence"


def reject(name):
    return f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{name}'))"


def start_camera(page):
    page.click("#start")
    wait_for_text(page, "#chip", "On air")


def test_a_camera_page_goes_live_on_the_watch_page_and_on_the_wall(serve, open_page):
    server = serve()
    camera = open_page(f"{server.url}/camera?camera=phone")
    start_camera(camera)
    places = (("/watch/phone", "#stage img", "#chip"), ("/", "#single-stage img", "#single-link .chip"))
    for path, picture, chip in places:
        viewer = open_page(server.url + path)
        wait_for_text(viewer, chip, "^Live · ")
        wait_for_motion(viewer, picture)
    wait_for_text(camera, "#chip", "On air · [0-9.]+ fps · [1-9] viewers?")


def test_frames_never_overtake_each_other(serve, open_page):
    server = serve()
    camera = open_page(f"{server.url}/camera")
    in_flight, most, sequences = set(), [], []

    def begin(request):
        if "/upload" in request.url:
            in_flight.add(request)
            most.append(len(in_flight))

    def end(request):
        in_flight.discard(request)

    def hear(response):
        if "/upload" in response.url:
            sequences.append(response.json()["sequence"])

    camera.on("request", begin)
    camera.on("requestfinished", end)
    camera.on("requestfailed", end)
    camera.on("response", hear)
    watcher = open_page(f"{server.url}/watch/default")
    start_camera(camera)
    wait_for_motion(watcher, "#stage img")
    camera.wait_for_function("() => document.querySelector('#facts').textContent.match(/([0-9.]+) fps/)?.[1] > 6")
    # Events reach the test while it asks the page something.
    wait_for(lambda: camera.evaluate("0") == 0 and len(sequences) >= 40, "forty accepted frames")
    assert max(most) == 1
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


def test_a_camera_rests_while_nobody_watches_and_wakes_for_a_viewer(serve, open_page):
    server = serve()
    camera = open_page(f"{server.url}/camera?camera=phone")
    start_camera(camera)
    wait_for_text(camera, "#keep", "Nobody is watching")
    wait_for_text(camera, "#facts", "· 1 fps")
    viewer = open_page(f"{server.url}/watch/phone")
    wait_for_text(camera, "#chip", "1 viewer")
    wait_for_text(camera, "#keep", "Keep this page open|The screen may go dark")
    camera.wait_for_function("() => document.querySelector('#facts').textContent.match(/([0-9.]+) fps/)?.[1] > 6")
    viewer.goto("about:blank")
    wait_for_text(camera, "#keep", "Nobody is watching")


def test_stopping_lets_the_camera_go(serve, open_page):
    server = serve()
    camera = open_page(f"{server.url}/camera")
    start_camera(camera)
    camera.evaluate("window.track = document.querySelector('video').srcObject.getTracks()[0]")
    camera.click("#start")
    wait_for_text(camera, STATE, "^Ready to send$")
    assert camera.evaluate("window.track.readyState") == "ended"
    last = server.camera("default")["sequence"]
    wait_for(lambda: server.camera("default")["age_ms"] > 1500, "an ageing frame")
    assert server.camera("default")["sequence"] == last


@pytest.mark.parametrize(("error", "english", "russian"), [
    ("NotAllowedError", "Camera access is blocked in the browser settings",
     "Доступ к камере запрещён в настройках браузера"),
    ("NotFoundError", "No camera found", "Камера не найдена"),
    ("NotReadableError", "Another program is using the camera", "Камера занята другой программой"),
])
def test_a_device_that_refuses_is_told_in_words_and_can_be_tried_again(serve, open_page, error, english, russian):
    server = serve()
    for locale, words in (("en-GB", english), ("ru-RU", russian)):
        camera = open_page(f"{server.url}/camera", locale=locale, before=reject(error))
        camera.click("#start")
        wait_for_text(camera, STATE, f"^{words}$")
        camera.evaluate("delete navigator.mediaDevices.getUserMedia")
        camera.locator("#actions button").last.click()
        wait_for_text(camera, "#chip", "On air|В эфире")
        # The next page takes the camera over, which this one would be told.
        camera.close()


def test_a_page_without_a_secure_context_says_what_to_do(serve, open_page):
    server = serve()
    camera = open_page(f"{server.url}/camera", before="delete Navigator.prototype.mediaDevices")
    wait_for_text(camera, STATE, "^Camera needs HTTPS. Open this page over https://$")
    assert camera.get_by_role("link", name="Open over https://").get_attribute("href") == "https://localhost/camera"
    assert camera.locator("#start").is_disabled()


def test_a_camera_that_is_taken_away_is_told(serve, open_page):
    server = serve()
    camera = open_page(f"{server.url}/camera")
    start_camera(camera)
    camera.evaluate("document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    wait_for_text(camera, STATE, "^The camera gives no picture")
    camera.get_by_role("button", name="Try again").click()
    wait_for_text(camera, "#chip", "On air")


def test_a_refusal_carries_the_servers_reason_and_ends_the_capture(serve, open_page):
    server = serve("--max-frame-bytes", "1KiB")
    camera = open_page(f"{server.url}/camera", quiet=False)
    camera.click("#start")
    wait_for_text(camera, STATE, "^The server refused: the frames are too large$")
    wait_for_text(camera, "#detail", "--max-frame-bytes")
    assert camera.evaluate("document.querySelector('video').srcObject") is None


def test_a_full_server_is_tried_again(serve, open_page):
    server = serve("--max-cameras", "1", "--stale-after", "100ms", "--offline-after", "200ms", "--forget-after", "4s")
    server.upload("first", solid((9, 9, 9)))
    camera = open_page(f"{server.url}/camera?camera=second", quiet=False)
    camera.click("#start")
    wait_for_text(camera, STATE, "^The server refused: too many cameras. Retrying in [0-9]+ s$")
    wait_for_text(camera, "#chip", "^On air")


def test_a_lost_server_is_found_again(serve, open_page):
    server = serve()
    camera = open_page(f"{server.url}/camera", quiet=False)
    start_camera(camera)
    server.stop()
    wait_for_text(camera, "#chip", "^Connection lost. Retrying in [0-9]+ s$")
    server.start_again()
    camera.get_by_role("button", name="Retry now").click()
    wait_for_text(camera, "#chip", "^On air")


def test_settings_last_and_a_new_name_moves_the_stream(serve, open_page):
    server = serve()
    camera = open_page(f"{server.url}/camera")
    start_camera(camera)
    camera.click("#settings")
    camera.select_option("[name=size]", "640")
    camera.fill("[name=name]", "not a name")
    camera.click("#sheet h2")
    assert camera.inner_text("#name") == "default"
    camera.fill("[name=name]", "yard")
    camera.get_by_role("button", name="Done").click()
    wait_for(lambda: (server.camera("yard") or {}).get("width") == 640, "the camera yard at 640 pixels")
    camera.reload()
    assert camera.inner_text("#name") == "yard"
    camera.click("#settings")
    assert camera.input_value("[name=size]") == "640"
