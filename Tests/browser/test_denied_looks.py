# SPDX-License-Identifier: MIT
"""What the pages say and how they look when the relay wants a key, or does not take one. Leaves screenshots."""

import json

import pytest
from conftest import DESKTOP, PHONE, screenshot, wait_for_text
from test_looks import assert_fits

SIZES = {"phone": PHONE, "desktop": DESKTOP}
# Reason, status, Retry-After in seconds, and the words on the watch page.
DENIALS = {
    "key-required": (401, None, "This camera needs a key", "Для этой камеры нужен ключ"),
    "key-wrong": (401, None, "This key is not right", "Ключ не подходит"),
    "token-invalid": (401, None, "This link is not valid", "Ссылка недействительна"),
    "token-expired": (401, None, "This link has ended", "Срок этой ссылки истёк"),
    "token-not-yet-valid": (401, None, "This link is not valid yet", "Эта ссылка ещё не действует"),
    "right-missing": (403, None, "Your key does not open camera “front-door”",
                      "Ваш ключ не открывает камеру «front-door»"),
    "unknown-host": (421, None, "The relay does not know the name localhost", "Сервер не знает имени localhost"),
    "too-many-wrong-keys": (429, 540, "Too many wrong keys from your network",
                            "Слишком много неверных ключей из вашей сети"),
}
# Where it is shown, what is denied there, and how the page shows it.
PLACES = (
    ("wall", "", "**/cameras", "#access:not([hidden]) h2"),
    ("watch", "watch/front-door", "**/cameras", "[data-phase=locked]"),
    ("camera", "camera?camera=front-door", "**/upload/*", "[data-phase=locked]"),
)
WITHOUT_FIELD = ("unknown-host", "too-many-wrong-keys")


def deny(page, pattern, reason, status, retry_after=None):
    """Answers what matches as the relay does when it denies; the addresses that were asked for."""
    asked = []

    def answer(route):
        asked.append(route.request.url)
        body = json.dumps({"status": status, "reason": reason, "message": "Denied."})
        headers = {"Content-Type": "application/json"}
        if retry_after:
            headers["Retry-After"] = str(retry_after)
        route.fulfill(status=status, headers=headers, body=body)

    page.route(pattern, answer)
    return asked


@pytest.mark.parametrize("reason", DENIALS)
def test_each_denial_has_its_own_words_on_the_watch_page(serve, open_page, reason):
    status, retry_after, english, russian = DENIALS[reason]
    server = serve()
    for locale, words in (("en-GB", english), ("ru-RU", russian)):
        page = open_page(locale=locale, quiet=False)
        asked = deny(page, "**/cameras", reason, status, retry_after)
        streams = deny(page, "**/stream/*", reason, status)
        page.goto(f"{server.url}/watch/front-door")
        wait_for_text(page, ".note p > span", f"^{words}$")
        field = page.locator(".key-form")
        assert field.is_visible() == (reason not in WITHOUT_FIELD)
        # Over a denied image the browser would ask for a password.
        assert (len(asked), streams) == (1, [])
        if retry_after:
            assert page.inner_text(".note small").endswith(("in 9 min.", "in 8 min.", "через 9 мин.", "через 8 мин."))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("size", SIZES)
def test_every_denial_fits_its_screen(serve, open_page, size, language, theme):
    server = serve()
    options = {"size": SIZES[size], "quiet": False, "has_touch": size == "phone", "permissions": ["camera"]}
    # The long ones: what fits them fits the others.
    for reason in ("token-expired", "right-missing", "too-many-wrong-keys"):
        status, retry_after, *_ = DENIALS[reason]
        for place, path, pattern, shown in PLACES:
            page = open_page(before=f"try {{ localStorage.setItem('evrelay.theme', '{theme}') }} catch {{}}", **options)
            deny(page, pattern, reason, status, retry_after)
            page.goto(f"{server.url}/{path}{'&' if '?' in path else '?'}lang={language}")
            if place == "camera":
                page.click("#start")
            page.wait_for_selector(shown)
            assert page.evaluate("document.documentElement.lang") == language
            assert_fits(page)
            screenshot(page, f"denied-{place}-{reason}-{size}-{language}-{theme}")
            page.close()


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("reason", "words"), [
    ("camera-taken-over", {"en": "^Another device has taken over this camera$",
                           "ru": "^Камеру теперь отправляет другое устройство$"}),
    ("camera-taken", {"en": "^Another device is sending. Retrying in [0-9]+ s$",
                      "ru": "^Камеру отправляет другое устройство. Повтор через [0-9]+ с$"}),
])
def test_a_camera_that_another_device_sends_keeps_its_preview(serve, open_page, reason, words, size, language):
    server = serve()
    page = open_page(size=SIZES[size], quiet=False, has_touch=size == "phone")
    asked = deny(page, "**/upload/*", reason, 409, 30)
    page.goto(f"{server.url}/camera?camera=phone&lang={language}")
    page.click("#start")
    wait_for_text(page, "#chip", words[language])
    assert page.evaluate("document.querySelector('video').srcObject.active")
    page.wait_for_function("() => getComputedStyle(document.querySelector('video')).opacity === '1'")
    assert len(asked) == 1
    assert_fits(page)
    screenshot(page, f"camera-{reason}-{size}-{language}")
