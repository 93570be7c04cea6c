// SPDX-License-Identifier: MIT
// @ts-check

/** @typedef {import("../doctor/measure.js").Reach} Reach */
/**
 * Everything the page measures, as `doctor/findings` takes it (`DoctorMeasurements` in docs/openapi.yaml); what is not
 * measured yet is absent.
 * @typedef {{url: string, reach?: Reach, small?: object, large?: object, socket?: object, small_upload?: object,
 *   large_upload?: object, body?: object, device?: import("../doctor/this-device.js").Device, browser?: object}}
 *   Measurements
 */
/** Lines for one program, ready to be copied. @typedef {{program: string, lines: string}} Remedy */
/**
 * One check in the relay's words; all are null while it is open. `reported` is `text` without the visitor's address,
 * `same_as` an earlier check whose lines help here too.
 * @typedef {{check: string, title: string, level: "ok" | "warn" | "bad" | "note" | null, text: string | null,
 *   reported: string | null, advice: string | null, same_as: string | null, remedy: Remedy[]}} Check
 */
/**
 * The relay's answer.
 * @typedef {{language: string, open: number, changes: number, level: "ok" | "warn" | "bad", summary: string,
 *   checks: Check[]}} Answer
 */
/** @typedef {"checking" | "fine" | "warning" | "problem" | "unavailable"} Look */
/** @typedef {Check & {look: Look}} Row */
/**
 * `lost` is null, or the status of what answered in place of findings, 0 if nothing did.
 * @typedef {{measured: Measurements, answer: Answer | null, isMeasuring: boolean, lost: number | null}} DoctorState
 */
/**
 * @typedef {{type: "started", url: string} | {type: "measured", part: Partial<Measurements>} |
 *   {type: "answered", answer: Answer} | {type: "finished"} | {type: "lost", status: number}} DoctorEvent
 */

/** @param {string} url Of the site. @returns {DoctorState} */
export function startDoctor(url) {
    return { measured: { url }, answer: null, isMeasuring: true, lost: null };
}

/** @param {DoctorState} state @param {DoctorEvent} event @returns {DoctorState} */
export function reduceDoctor(state, event) {
    switch (event.type) {
        case "started":
            return { ...startDoctor(event.url), answer: state.answer && opened(state.answer) };
        case "measured":
            return { ...state, measured: { ...state.measured, ...event.part } };
        case "answered":
            return { ...state, answer: event.answer };
        case "finished":
            return { ...state, isMeasuring: false };
        case "lost":
            return { ...state, isMeasuring: false, lost: event.status };
    }
}

/** The answer before anything of it is measured again. @param {Answer} answer @returns {Answer} */
function opened(answer) {
    const nothing = { level: null, text: null, reported: null, advice: null, same_as: null, remedy: [] };
    return { ...answer, checks: answer.checks.map(({ check, title }) => ({ ...nothing, check, title })) };
}

/** @type {Record<string, Look>} */
const looks = { ok: "fine", warn: "warning", bad: "problem", note: "unavailable" };

/**
 * What is shown: the relay's findings, or the one verdict that the page has without it.
 * @param {DoctorState} state @param {import("../ui/i18n.js").Translator} words
 * @returns {{rows: Row[], look: Look, outcome: string}}
 */
export function describeDoctor({ answer, isMeasuring, lost }, words) {
    const checks = answer?.checks ?? [];
    if (lost !== null) {
        const others = checks.filter(({ check }) => check !== "reach").map((check) => unmeasured(check, words));
        return { rows: [lostRow(lost, words), ...others], look: "problem", outcome: words.t("doctor.lost.outcome") };
    }
    const rows = checks.map((check) => ({ ...check, look: looks[check.level ?? ""] ?? "checking" }));
    if (!answer || isMeasuring) return { rows, look: "checking", outcome: words.t("doctor.measuring") };
    return { rows, look: looks[answer.level], outcome: answer.summary };
}

/** @param {number} status @param {import("../ui/i18n.js").Translator} words @returns {Row} */
function lostRow(status, words) {
    const text = words.t(status === 0 ? "doctor.lost" : "doctor.lost.status", { status });
    return {
        check: "reach", title: words.t("doctor.lost.title"), level: "bad", look: "problem", text, reported: text,
        advice: words.t("doctor.lost.advice"), same_as: null,
        remedy: [{ program: "shell", lines: "systemctl status evrelay\njournalctl --unit evrelay --lines 20" }],
    };
}

/** @param {Check} check @param {import("../ui/i18n.js").Translator} words @returns {Row} */
function unmeasured({ check, title }, words) {
    const text = words.t("doctor.unmeasured");
    const rest = { advice: null, same_as: null, remedy: [] };
    return { check, title, level: "note", look: "unavailable", text, reported: text, ...rest };
}

/**
 * The rows with something to change, one for each remedy.
 * @param {Row[]} rows
 */
export function toChange(rows) {
    return rows.filter(({ look, same_as: sameAs }) => (look === "warning" || look === "problem") && sameAs === null);
}

/**
 * All findings as plain text for a question to somebody else: no query of the address, and not whose it is.
 * @param {import("../ui/i18n.js").Translator} words @param {DoctorState} state
 * @param {{browser: string, at: Date}} about
 */
export function report(words, state, { browser, at }) {
    const { url, reach } = state.measured;
    const lines = describeDoctor(state, words).rows.map(({ title, look, reported }) =>
        `[${words.t(`doctor.state.${look}`)}] ${title}: ${reported ?? ""}`);
    return [
        `EvRelay ${reach?.info?.version ?? ""} · ${words.t("doctor.title")}`, `${url}doctor`, at.toISOString(), browser,
        "", ...lines, "",
    ].join("\n");
}
