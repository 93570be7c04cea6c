// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeDoctor, reduceDoctor, report, startDoctor, toChange } from "../../web/js/state/doctor-state.js";
import { Translator } from "../../web/js/ui/i18n.js";
import en from "../../web/locales/doctor-en.js";
import ru from "../../web/locales/doctor-ru.js";

const english = new Translator("en", { en, ru });
const russian = new Translator("ru", { en, ru });
const url = "https://cam.example/cam/";

const check = (name, level, rest = {}) => ({
    check: name, title: `Title of ${name}`, level, text: `Text of ${name}`, reported: `Report of ${name}`, advice: null,
    same_as: null, remedy: [], ...rest,
});
const open = (name) => check(name, null, { text: null, reported: null });
const answer = {
    language: "en", open: 0, changes: 1, level: "bad", summary: "1 thing to change",
    checks: [
        check("reach", "ok"), check("head", "warn", { advice: "Do", remedy: [{ program: "nginx", lines: "a" }] }),
        check("large", "bad", { advice: "As above", same_as: "head" }), check("camera", "note"),
    ],
};
const after = (...events) => events.reduce(reduceDoctor, startDoctor(url));
const shown = (...events) => describeDoctor(after(...events), english);
const finished = { type: "finished" };
const answered = { type: "answered", answer };

test("measurements are gathered in the form in which they are sent", () => {
    const measured = after(
        { type: "measured", part: { device: { is_secure: true } } }, { type: "measured", part: { socket: { trip_us: 1 } } });
    assert.deepEqual(measured.measured, { url, device: { is_secure: true }, socket: { trip_us: 1 } });
});

test("before the first answer nothing but the measuring is told", () => {
    assert.deepEqual(shown(), { rows: [], look: "checking", outcome: "Measuring…" });
});

test("while it is measured each check looks as the relay says, and the whole is being checked", () => {
    const { rows, look, outcome } = shown({ type: "answered", answer: { ...answer, checks: [check("reach", "ok"), open("head")] } });
    assert.deepEqual(rows.map((row) => [row.check, row.look]), [["reach", "fine"], ["head", "checking"]]);
    assert.deepEqual([look, outcome], ["checking", "Measuring…"]);
});

test("at the end the relay's own summary is told", () => {
    const { rows, look, outcome } = shown(answered, finished);
    assert.deepEqual(rows.map((row) => row.look), ["fine", "warning", "problem", "unavailable"]);
    assert.deepEqual([look, outcome], ["problem", "1 thing to change"]);
    const fine = { ...answer, level: "ok", summary: "Everything is fine", checks: [check("reach", "ok")] };
    assert.equal(shown({ type: "answered", answer: fine }, finished).look, "fine");
});

test("what has a remedy of its own is to change, what shares one is not told twice", () => {
    assert.deepEqual(toChange(shown(answered, finished).rows).map((row) => row.check), ["head"]);
});

test("another measurement keeps the rows and their titles, and nothing of what was found", () => {
    const again = after(answered, finished, { type: "measured", part: { body: {} } }, { type: "started", url });
    assert.deepEqual(again.measured, { url });
    const { rows, look } = describeDoctor(again, english);
    assert.deepEqual(rows.map((row) => [row.title, row.look, row.text, row.remedy.length]),
        answer.checks.map(({ title }) => [title, "checking", null, 0]));
    assert.equal(look, "checking");
});

test("without the relay one verdict is told, in both languages, and nothing else is known", () => {
    for (const [words, title, text, outcome] of [
        [english, "Relay", "The relay does not answer.", "1 thing to change"],
        [russian, "Сервер", "Сервер не отвечает.", "Нужно исправить: 1 пункт"],
    ]) {
        const lost = describeDoctor(after(answered, { type: "lost", status: 0 }), words);
        assert.deepEqual([lost.look, lost.outcome], ["problem", outcome]);
        const [reach, ...others] = lost.rows;
        assert.deepEqual([reach.check, reach.title, reach.look, reach.text], ["reach", title, "problem", text]);
        assert.match(reach.remedy[0].lines, /journalctl --unit evrelay/);
        assert.deepEqual(others.map((row) => [row.check, row.look, row.text]),
            ["head", "large", "camera"].map((name) => [name, "unavailable", words.t("doctor.unmeasured")]));
        assert.deepEqual(toChange(lost.rows).map((row) => row.check), ["reach"]);
    }
    assert.equal(shown({ type: "lost", status: 0 }).rows.length, 1);
});

test("who answers in place of findings is told by the status", () => {
    assert.equal(shown({ type: "lost", status: 502 }).rows[0].text, "The relay gives no findings (status 502).");
});

test("a loss ends with the next measurement, not with a late answer", () => {
    assert.equal(shown({ type: "lost", status: 0 }, answered).look, "problem");
    assert.equal(shown({ type: "lost", status: 0 }, { type: "started", url }, answered, finished).outcome,
        "1 thing to change");
});

test("a report has every check in the form for others, and no query of the address", () => {
    const reach = { status: 200, trips_us: [], info: { version: "0.3.0" } };
    const state = after({ type: "measured", part: { reach } }, answered, finished);
    assert.deepEqual(report(russian, state, { browser: "Browser/1", at: new Date(0) }).split("\n"), [
        "EvRelay 0.3.0 · Проверка связи", "https://cam.example/cam/doctor", "1970-01-01T00:00:00.000Z", "Browser/1", "",
        "[В порядке] Title of reach: Report of reach", "[Внимание] Title of head: Report of head",
        "[Проблема] Title of large: Report of large", "[Здесь невозможно] Title of camera: Report of camera", "",
    ]);
});
