// SPDX-License-Identifier: MIT
// @ts-check

/**
 * An answer that only another key, another link or the relay's operator changes: asking again with the same key would
 * be counted as guessing. `retryAt` is when it may be tried again all the same, 0 for not by itself; Unix milliseconds.
 * @typedef {{reason: string, retryAt: number}} Denial
 */
/** @typedef {"watch" | "wall" | "camera"} Place */

const earlyRetryMs = 15_000;
const guessedRetryMs = 60_000;
const longestRetryMs = 24 * 3600_000;

/** @type {Record<string, {icon: string, wantsKey: boolean}>} */
const looks = {
    "key-required": { icon: "key", wantsKey: true },
    "key-wrong": { icon: "key", wantsKey: true },
    "token-invalid": { icon: "key", wantsKey: true },
    "token-expired": { icon: "clock", wantsKey: true },
    "token-not-yet-valid": { icon: "clock", wantsKey: true },
    "right-missing": { icon: "lock", wantsKey: true },
    "publishing-not-allowed": { icon: "lock", wantsKey: false },
    "unknown-host": { icon: "question", wantsKey: false },
    "too-many-wrong-keys": { icon: "clock", wantsKey: false },
};

/** @param {string} reason */
export function isDenial(reason) {
    return Object.hasOwn(looks, reason);
}

/**
 * Whether another key helps.
 * @param {string} reason
 */
export function wantsKey(reason) {
    return isDenial(reason) && looks[reason].wantsKey;
}

/**
 * The denial in an answer, null in any other.
 * @param {{ok: boolean, headers: Headers, body: any}} answer @param {number} now @returns {Denial | null}
 */
export function denialIn({ ok, headers, body }, now) {
    const reason = body?.reason;
    if (ok || typeof reason !== "string" || !isDenial(reason)) return null;
    if (reason === "token-not-yet-valid") return { reason, retryAt: now + earlyRetryMs };
    if (reason !== "too-many-wrong-keys") return { reason, retryAt: 0 };
    const seconds = Number(headers.get("Retry-After"));
    const waitMs = seconds > 0 ? Math.min(seconds * 1000, longestRetryMs) : guessedRetryMs;
    return { reason, retryAt: now + waitMs };
}

/**
 * In words: a sentence, what can be done about it, and whether a key is part of that.
 * @param {Denial} denial @param {Place} place @param {{camera: string, host: string, now: number}} about
 * @param {import("../ui/i18n.js").Translator} words
 */
export function describeDenial({ reason, retryAt }, place, { camera, host, now }, words) {
    // Rounded up: a wait that reads "0 s" is none.
    const wait = words.age(Math.max(1, Math.ceil((retryAt - now) / 1000)) * 1000);
    const values = { camera, name: host.replace(/:\d+$/, ""), wait };
    const own = `denial.${reason}.${place}`;
    return {
        ...looks[reason],
        sentence: words.t(words.has(own) ? own : `denial.${reason}`, values),
        detail: words.t(`denial.${reason}.text`, values),
    };
}
