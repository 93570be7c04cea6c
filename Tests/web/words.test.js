// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chooseLanguage, Translator } from "../../web/js/ui/i18n.js";
import doctorEnglish from "../../web/locales/doctor-en.js";
import doctorRussian from "../../web/locales/doctor-ru.js";
import commonEnglish from "../../web/locales/en.js";
import commonRussian from "../../web/locales/ru.js";

const en = { ...commonEnglish, ...doctorEnglish };
const ru = { ...commonRussian, ...doctorRussian };

const web = fileURLToPath(new URL("../../web", import.meta.url));
const files = readdirSync(web, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`);
const text = (path) => readFileSync(path, "utf8");
const holes = (message) => [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();

test("both languages have the same messages with the same values in them", () => {
    assert.deepEqual(Object.keys(ru), Object.keys(en));
    for (const key of Object.keys(en)) assert.deepEqual(holes(ru[key]), holes(en[key]), key);
});

test("every message that a page asks for exists, and every message is asked for", () => {
    const pages = files.filter((path) => /\.(html|js)$/.test(path) && !path.includes("/locales/"));
    const source = pages.map(text).join("\n");
    const calls = source.matchAll(/(?:data-t(?:-label)?="|\bt\("|message: "|"(?=doctor\.))([a-z][\w.-]*)"/g);
    const asked = [...calls].map(([, key]) => key);
    assert.ok(asked.length > 40);
    for (const key of asked) assert.ok(key in en, `no message ${key}`);
    const prefixes = [...source.matchAll(/`([a-z.]+\.)\$\{/g)].map(([, prefix]) => prefix);
    for (const key of Object.keys(en)) {
        const isMade = prefixes.some((prefix) => key.startsWith(prefix));
        assert.ok(isMade || source.includes(`"${key}"`), `nobody uses ${key}`);
    }
});

test("a page's own messages hide none that all pages share", () => {
    for (const key of Object.keys(doctorEnglish)) assert.ok(!(key in commonEnglish), key);
});

test("Russian plurals follow the number", () => {
    const words = new Translator("ru");
    const said = [0, 1, 2, 5, 11, 21, 22, 111].map((count) => words.t("unit.viewers", { count }));
    assert.deepEqual(said, [
        "нет зрителей", "1 зритель", "2 зрителя", "5 зрителей", "11 зрителей", "21 зритель", "22 зрителя",
        "111 зрителей",
    ]);
});

test("English plurals follow the number", () => {
    const words = new Translator("en");
    const said = [0, 1, 2].map((count) => words.t("unit.viewers", { count }));
    assert.deepEqual(said, ["no viewers", "1 viewer", "2 viewers"]);
});

test("an age is told in its largest whole unit", () => {
    const words = new Translator("ru");
    assert.deepEqual([-5, 999, 59_999, 60_000, 3_599_999, 7_200_000].map((age) => words.age(age)), [
        "0 с", "0 с", "59 с", "1 мин", "59 мин", "2 ч",
    ]);
});

test("a time carries its date only when it is not today's", () => {
    const words = new Translator("en");
    const noon = new Date(2026, 10, 22, 12, 3).getTime();
    assert.match(words.time(noon, noon + 60_000), /^12:03/);
    assert.match(words.time(noon, noon + 86_400_000), /22/);
});

test("the address decides the language, then the stored choice, then the browser", () => {
    assert.equal(chooseLanguage("ru", "en", ["en"]), "ru");
    assert.equal(chooseLanguage(null, "en", ["ru-RU"]), "en");
    assert.equal(chooseLanguage("xx", null, ["de", "ru-RU", "en"]), "ru");
    assert.equal(chooseLanguage(null, null, ["de"]), "en");
    assert.equal(chooseLanguage("constructor", "toString", []), "en");
});

test("pages hold no inline script or style, no absolute address and no innerHTML", () => {
    for (const path of files.filter((path) => path.endsWith(".html"))) {
        assert.doesNotMatch(text(path), /<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=/, path);
        assert.doesNotMatch(text(path), /(?:src|href)="(?:\/|https?:)/, path);
    }
    for (const path of files.filter((path) => path.endsWith(".js"))) {
        assert.doesNotMatch(text(path), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/, path);
    }
});

test("every icon that is named exists", () => {
    const symbols = new Set([...text(`${web}/icons/icons.svg`).matchAll(/<symbol id="([\w-]+)"/g)].map(([, id]) => id));
    const source = files.filter((path) => /\.(html|js)$/.test(path)).map(text).join("\n");
    const places = source.matchAll(/icons\.svg#([\w-]+)|icon\("([\w-]+)"\)|icon: "([\w-]+)"/g);
    const named = [...places].map(([, ...names]) => names.find(Boolean));
    assert.ok(named.length > 20);
    for (const name of named) assert.ok(symbols.has(name), `no icon ${name}`);
});

test("a file is text, names its licence and stays under 250 lines", () => {
    for (const path of files) {
        assert.ok(text(path).slice(0, 200).includes("SPDX-License-Identifier: MIT"), path);
        assert.ok(text(path).split("\n").length <= 250, path);
        assert.doesNotMatch(text(path), /\uFFFD|\0/, path);
    }
});
