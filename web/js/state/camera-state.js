// SPDX-License-Identifier: MIT
// @ts-check
import { describeDenial, isDenial } from "./denial.js";

/** @typedef {"ready" | "asking" | "insecure" | "denied" | "missing" | "busy" | "on" | "interrupted"} Media */
/** @typedef {"connecting" | "open" | "waiting" | "refused"} Link */
/**
 * @typedef {"connecting" | "sending" | "slow" | "hidden" | "reconnecting" | "taken" | "taken-over" | "refused" |
 *   "locked"} LinkPhase
 */
/** @typedef {Exclude<Media, "on"> | LinkPhase} CameraPhase */
/**
 * The sending side: the device, the way to the server, and what its last answer said. `retryAt` in Unix milliseconds,
 * 0 when nothing is tried again by itself.
 * @typedef {{media: Media, link: Link, hidden: boolean, slow: boolean, viewers: number, wanted: number | null,
 *   retryAt: number, reason: string, status: number, message: string}} CameraState
 */
/**
 * @typedef {{type: "insecure"} | {type: "asking"} | {type: "opened"} | {type: "failed", error: string} |
 *   {type: "interrupted", interrupted: boolean} | {type: "stopped"} | {type: "hidden", hidden: boolean} |
 *   {type: "accepted", viewers: number, wanted: number | null, slow: boolean} | {type: "lost", retryAt: number} |
 *   {type: "refused", reason: string, status: number, message: string, retryAt: number} |
 *   {type: "retrying"}} CameraEvent
 */

/** @type {CameraState} */
export const cameraReady = {
    media: "ready", link: "connecting", hidden: false, slow: false, viewers: 0, wanted: null,
    retryAt: 0, reason: "", status: 0, message: "",
};

/**
 * The names that getUserMedia rejects with, each with what a person can do about it.
 * @type {Record<string, Media>}
 */
const failures = {
    NotAllowedError: "denied",
    SecurityError: "denied",
    NotFoundError: "missing",
    OverconstrainedError: "missing",
    NotReadableError: "busy",
    AbortError: "busy",
};

/** @param {CameraState} state @param {CameraEvent} event @returns {CameraState} */
export function reduceCamera(state, event) {
    switch (event.type) {
        case "insecure":
            return { ...state, media: "insecure" };
        case "asking":
            return { ...cameraReady, hidden: state.hidden, media: "asking" };
        case "opened":
            return { ...state, media: "on", link: "connecting" };
        case "failed":
            return { ...state, media: failures[event.error] ?? "busy" };
        case "interrupted":
            return state.media === "on" || state.media === "interrupted"
                ? { ...state, media: event.interrupted ? "interrupted" : "on" } : state;
        case "stopped":
            return { ...cameraReady, hidden: state.hidden };
        case "hidden":
            return { ...state, hidden: event.hidden };
        case "accepted":
            return {
                ...state, link: "open", retryAt: 0, viewers: event.viewers, wanted: event.wanted, slow: event.slow,
            };
        case "lost":
            return { ...state, link: "waiting", retryAt: event.retryAt, slow: false };
        case "refused":
            return {
                ...state, link: "refused", slow: false, retryAt: event.retryAt,
                reason: event.reason, status: event.status, message: event.message,
            };
        case "retrying":
            return { ...state, link: "connecting", retryAt: 0 };
    }
}

/**
 * Whether nothing is sent any more because of an answer that another key or somebody else has to change.
 * @param {CameraState} state
 */
function isLocked({ link, reason, media }) {
    return link === "refused" && isDenial(reason) && (media === "on" || media === "ready");
}

/**
 * The one state that is shown. A relay may deny before anything is sent.
 * @param {CameraState} state @returns {CameraPhase}
 */
export function cameraPhase(state) {
    if (isLocked(state)) return "locked";
    if (state.media !== "on") return state.media;
    if (state.link === "connecting") return "connecting";
    if (state.link === "waiting") return "reconnecting";
    if (state.link === "refused" && state.reason === "camera-taken") return "taken";
    if (state.link === "refused") return isTakenOver(state) ? "taken-over" : "refused";
    if (state.hidden) return "hidden";
    return state.slow ? "slow" : "sending";
}

/**
 * Whether the device is in use, so that the big button stops.
 * @param {CameraState} state
 */
export function isRunning(state) {
    return state.media === "asking" || (state.media === "on" && !isRefusedForGood(state));
}

/**
 * Whether another device sends this camera now: nothing is sent, but the picture stays to be taken back with.
 * @param {CameraState} state
 */
function isTakenOver({ link, reason }) {
    return link === "refused" && reason === "camera-taken-over";
}

/**
 * Whether the device is to be let go, for nothing is sent from it any more.
 * @param {CameraState} state
 */
export function isRefusedForGood(state) {
    return state.link === "refused" && !isTakenOver(state) && (state.retryAt === 0 || isLocked(state));
}

const faces = {
    ready: { icon: "camera", tone: "off" },
    asking: { icon: "dots", tone: "off" },
    insecure: { icon: "lock", tone: "error" },
    denied: { icon: "camera-off", tone: "error" },
    missing: { icon: "camera-off", tone: "error" },
    busy: { icon: "busy", tone: "error" },
    interrupted: { icon: "camera-off", tone: "error" },
    connecting: { icon: "dots", tone: "off" },
    sending: { icon: "dot", tone: "air" },
    slow: { icon: "half", tone: "warn" },
    hidden: { icon: "half", tone: "warn" },
    reconnecting: { icon: "retry", tone: "warn" },
    taken: { icon: "flip", tone: "warn" },
    "taken-over": { icon: "flip", tone: "warn" },
    locked: { icon: "key", tone: "off" },
    refused: { icon: "cross", tone: "error" },
};

/**
 * The state in words. `framesPerSecond` is what was sent lately.
 * @param {CameraState} state @param {number} now @param {number} framesPerSecond
 * @param {import("../ui/i18n.js").Translator} words @param {{camera: string, host: string}} [about]
 */
export function describeCamera(state, now, framesPerSecond, words, about = { camera: "", host: "" }) {
    const phase = cameraPhase(state);
    if (phase === "locked") {
        const { icon, sentence, detail, wantsKey } = describeDenial(state, "camera", { ...about, now }, words);
        return { phase, detail, wantsKey, face: { ...faces.locked, icon, text: sentence } };
    }
    const seconds = Math.max(1, Math.ceil((state.retryAt - now) / 1000));
    let text = words.t(`camera.${phase}`, { seconds });
    if (phase === "sending") {
        const parts = [text, words.t("unit.viewers", { count: state.viewers })];
        if (framesPerSecond > 0) parts.splice(1, 0, words.t("unit.fps", { value: words.number(framesPerSecond) }));
        text = parts.join(" · ");
    } else if (phase === "refused") {
        const key = `refusal.${state.reason}`;
        const why = words.t(words.has(key) ? key : "refusal.other", { status: state.status });
        text = words.t(state.retryAt > 0 ? "camera.refused.again" : "camera.refused", { why, seconds });
    }
    const detail = phase === "refused" ? state.message : "";
    return { phase, detail, wantsKey: false, face: { ...faces[phase], text } };
}
