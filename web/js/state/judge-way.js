// SPDX-License-Identifier: MIT
// @ts-check
import { median } from "./measurements.js";
import { fine, problem, warning } from "./verdict.js";

/** @typedef {import("./measurements.js").Measurements} Measurements */
/** @typedef {import("./measurements.js").TimedStream} TimedStream */
/** @typedef {import("./verdict.js").Verdict} Verdict */

const slowTripMs = 500;
const slowUploadMs = 1000;
const clockToleranceMs = 2000;

/** @param {NonNullable<Measurements["reach"]>} reach @param {Measurements["page"]} page @returns {Verdict} */
export function judgeReach({ status, info, tripMs }, { prefix }) {
    if (status === 0) return problem("doctor.reach.lost", {}, "doctor.reach.lost.advice", "start");
    if (!info) {
        return problem("doctor.reach.foreign", { status, prefix }, "doctor.reach.foreign.advice", "location");
    }
    const values = { ms: Math.round(tripMs), version: info.version };
    if (tripMs > slowTripMs) return warning("doctor.reach.slow", values, "doctor.reach.slow.advice");
    return fine("doctor.reach.fine", values);
}

/** @param {TimedStream} stream @returns {Verdict} */
export function judgeHead({ status, headMs, firstMs, intervalMs, delaysMs, parts }) {
    if (status !== 200 || delaysMs.length === 0) return broken(status, delaysMs.length, parts);
    const ms = Math.round(headMs);
    // The first part leaves the server one interval after the head: without that gap somebody has kept the head.
    if (firstMs - headMs < intervalMs / 2) {
        return warning("doctor.head.held", { ms }, "doctor.buffering.advice", "buffering");
    }
    return fine("doctor.head.fine", { ms });
}

/** @param {TimedStream} stream @param {string} size The message for a part's size. @returns {Verdict} */
export function judgeParts({ status, delaysMs, parts, intervalMs }, size) {
    if (status !== 200 || delaysMs.length < parts) return broken(status, delaysMs.length, parts);
    const ms = Math.round(Math.max(...delaysMs));
    const limitMs = intervalMs * 0.6;
    // One late part is a network's hiccup. When half of them wait for the next one, somebody collects.
    if (median(delaysMs) > limitMs) {
        return problem("doctor.parts.buffered", { size, ms }, "doctor.buffering.advice", "buffering");
    }
    if (ms > limitMs) return warning("doctor.parts.uneven", { size, ms }, "doctor.parts.uneven.advice");
    return fine("doctor.parts.fine", { size, ms });
}

/** @param {number} status @param {number} count @param {number} parts */
function broken(status, count, parts) {
    return problem("doctor.parts.broken", { status, count, parts }, "doctor.buffering.advice", "buffering");
}

/**
 * A browser does not tell why a WebSocket fails: a proxy that drops the Upgrade field, which one that speaks HTTP/1.0
 * always does, or the relay that takes the page for a foreign one.
 * @param {NonNullable<Measurements["socket"]>} socket @param {boolean} isHostRight @param {string} protocol
 * @returns {Verdict}
 */
export function judgeSocket({ tripMs }, isHostRight, protocol) {
    if (tripMs !== null) return fine("doctor.socket.fine", { ms: Math.round(tripMs) });
    const isForeign = !isHostRight && protocol !== "HTTP/1.0";
    const [advice, remedy] = isForeign
        ? ["doctor.host.wrong.advice", "host"] : ["doctor.socket.failed.advice", "upgrade"];
    return warning("doctor.socket.failed", {}, advice, remedy);
}

/** @param {NonNullable<Measurements["upload"]>} upload @param {boolean} isHostRight @returns {Verdict} */
export function judgeUpload({ small, large }, isHostRight) {
    const failed = [small, large].find(({ status }) => status !== 200);
    if (!failed) {
        const ms = Math.round(large.ms);
        const fps = Math.max(0.1, 1000 / large.ms);
        if (ms > slowUploadMs) return warning("doctor.upload.slow", { ms, fps }, "doctor.upload.slow.advice");
        return fine("doctor.upload.fine", { ms, small: Math.round(small.ms) });
    }
    const { status, reason } = failed;
    if (reason === "origin-not-allowed") {
        const [advice, remedy] = isHostRight
            ? ["doctor.upload.origin.advice", "origin"] : ["doctor.host.wrong.advice", "host"];
        return problem("doctor.upload.origin", {}, advice, remedy);
    }
    if (status === 413) return problem("doctor.upload.refused", { status }, "doctor.body.advice", "body");
    const say = status === 0 ? "doctor.upload.lost" : "doctor.upload.refused";
    return problem(say, { status }, "doctor.upload.refused.advice", "location");
}

/** @param {NonNullable<Measurements["body"]>} body @param {Verdict} upload @returns {Verdict} */
export function judgeBody({ status, isRelay }, upload) {
    if (status === 200) return fine("doctor.body.fine");
    if (status === 413 && !isRelay) return problem("doctor.body.limited", {}, "doctor.body.advice", "body");
    // What refuses a small body refuses a large one for the same reason.
    if (upload.state === "problem") return problem("doctor.body.failed", { status }, upload.advice, upload.remedy);
    const say = status === 0 ? "doctor.body.lost" : "doctor.body.failed";
    return problem(say, { status }, "doctor.body.advice", "body");
}

/** @param {NonNullable<Measurements["reach"]>} reach @returns {Verdict} */
export function judgeClock({ offsetMs, errorMs }) {
    const difference = Math.abs(offsetMs);
    if (difference > clockToleranceMs + errorMs) {
        return warning("doctor.clock.off", { age: difference }, "doctor.clock.off.advice", "clock");
    }
    return fine("doctor.clock.fine", { ms: Math.round(difference), error: Math.ceil(errorMs) });
}
