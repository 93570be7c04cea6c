// SPDX-License-Identifier: MIT
// @ts-check
import { describeDenial } from "./denial.js";

/**
 * What the server says about a camera (`cameras/NAME`).
 * @typedef {{name: string, state: "live" | "stale" | "offline", sequence: number, width: number, height: number,
 *   frames_per_second: number, viewers: number, last_frame_at: string, age_ms: number}} Camera
 */
/** @typedef {import("./denial.js").Denial} Denial */
/**
 * @typedef {"connecting" | "live" | "stale" | "offline" | "unknown" | "reconnecting" | "paused" |
 *   "locked"} ViewerPhase
 */
/**
 * `at` is when `camera` was received, `retryAt` when the server is asked again (0: it answers); Unix milliseconds.
 * @typedef {{name: string, camera: Camera | null, at: number, missing: boolean, shown: boolean, retryAt: number,
 *   paused: boolean, denial: Denial | null}} ViewerState
 */
/**
 * @typedef {{type: "status", camera: Camera, at: number} | {type: "missing"} | {type: "shown"} |
 *   {type: "lost", retryAt: number} | {type: "paused", paused: boolean} | {type: "denied", denial: Denial} |
 *   {type: "retried"}} ViewerEvent
 */

/** @param {string} name @returns {ViewerState} */
export function startViewing(name) {
    return { name, camera: null, at: 0, missing: false, shown: false, retryAt: 0, paused: false, denial: null };
}

/** @param {ViewerState} state @param {ViewerEvent} event @returns {ViewerState} */
export function reduceViewer(state, event) {
    switch (event.type) {
        case "status":
            return { ...state, camera: event.camera, at: event.at, missing: false, retryAt: 0 };
        case "missing":
            return { ...state, missing: true, retryAt: 0 };
        case "shown":
            return { ...state, shown: true };
        case "lost":
            return { ...state, retryAt: event.retryAt };
        case "paused":
            return { ...state, paused: event.paused };
        case "denied":
            return { ...state, denial: event.denial };
        case "retried":
            return { ...state, denial: null, missing: false, shown: false };
    }
}

/**
 * The one state that is shown. Live, stale and offline are the server's words, so that page and API never disagree.
 * @param {ViewerState} state @returns {ViewerPhase}
 */
export function viewerPhase(state) {
    if (state.denial) return "locked";
    if (state.paused) return "paused";
    if (state.retryAt > 0) return "reconnecting";
    if (state.missing) return "unknown";
    if (!state.camera || !state.shown) return "connecting";
    return state.camera.state;
}

/**
 * Age of the latest frame, milliseconds.
 * @param {ViewerState} state @param {number} now
 */
export function frameAge(state, now) {
    return state.camera ? state.camera.age_ms + Math.max(0, now - state.at) : 0;
}

const faces = {
    connecting: { icon: "dots", tone: "off" },
    live: { icon: "dot", tone: "live" },
    stale: { icon: "half", tone: "warn" },
    offline: { icon: "ring", tone: "off" },
    unknown: { icon: "question", tone: "off" },
    reconnecting: { icon: "retry", tone: "warn" },
    paused: { icon: "pause", tone: "off" },
    locked: { icon: "lock", tone: "off" },
};

/**
 * The state in words: a few for the chip, a sentence for the picture and sometimes more about it.
 * @param {ViewerState} state @param {number} now @param {import("../ui/i18n.js").Translator} words
 * @param {string} [host] Of the page's address.
 */
export function describeViewer(state, now, words, host = "") {
    const phase = viewerPhase(state);
    const values = {
        camera: state.name,
        age: words.age(frameAge(state, now)),
        time: words.time(now - frameAge(state, now), now),
        seconds: Math.max(1, Math.ceil((state.retryAt - now) / 1000)),
    };
    if (state.denial) {
        const denial = describeDenial(state.denial, "watch", { camera: state.name, host, now }, words);
        return { phase, ...denial, face: { ...faces.locked, icon: denial.icon, text: words.t("chip.locked") } };
    }
    const sentence = words.t(`viewer.${phase}`, values);
    const detail = phase === "unknown" ? words.t("viewer.unknown.text") : "";
    const rate = state.camera?.frames_per_second ?? 0;
    const live = rate > 0 ? `${sentence} · ${words.t("unit.fps", { value: words.number(rate) })}` : sentence;
    const text = phase === "live" ? live : words.t(`chip.${phase}`, values);
    return { phase, sentence, detail, wantsKey: false, face: { ...faces[phase], text } };
}
