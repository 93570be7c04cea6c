// SPDX-License-Identifier: MIT
// @ts-check
import { sessionKey } from "../net/key.js";
import { request, withJSON } from "../net/request.js";
import { address } from "../net/site.js";
import { delays, roundTrips } from "../state/measurements.js";
import { PartReader } from "./part-reader.js";

/** @typedef {import("../state/measurements.js").Info} Info */
/** @typedef {import("../state/measurements.js").Reach} Reach */
/** @typedef {import("../state/measurements.js").TimedStream} TimedStream */
/** @typedef {import("../state/measurements.js").Echo} Echo */

const answerMs = 10_000;
const samples = 8;
const parts = 8;
const intervalMs = 250;
const socketMs = 5000;

/** This device's clock in Unix milliseconds, finer than Date.now(). */
const now = () => performance.timeOrigin + performance.now();

/**
 * Asks the relay for what it knows about this page, several times for the round trip and the clocks. The key goes along
 * once, afterwards, for what it allows: a wrong one would be counted each time, and its answer delayed.
 * @param {AbortSignal} signal @returns {Promise<Reach>}
 */
export async function measureReach(signal) {
    const answers = [];
    let last = { status: 0, ok: false, body: /** @type {any} */ (null) };
    // The first request may open a connection; it is not counted.
    for (let sample = 0; sample <= samples; sample += 1) {
        const sentMs = now();
        try {
            const limits = { timeoutMs: answerMs, signal, isKeyless: true };
            last = await request(address("doctor/info"), {}, limits, withJSON);
        } catch {
            last = { status: 0, ok: false, body: null };
        }
        const isRelay = last.ok && typeof last.body?.time_us === "number";
        if (!isRelay) return { status: last.status, info: null, tripMs: 0, leadMs: 0, offsetMs: 0, errorMs: 0 };
        if (sample > 0) answers.push({ sentMs, receivedMs: now(), stampMs: last.body.time_us / 1000 });
    }
    return { status: last.status, info: await withKey(last.body, signal), ...roundTrips(answers) };
}

/**
 * What the relay says to the session's key; the same as without where there is none, or no answer.
 * @param {Info} info @param {AbortSignal} signal
 */
async function withKey(info, signal) {
    if (sessionKey.value === "") return info;
    const asked = request(address("doctor/info"), {}, { timeoutMs: answerMs, signal }, withJSON);
    const { ok, body } = await asked.catch(() => ({ ok: false, body: null }));
    return ok && body ? /** @type {Info} */ (body) : info;
}

/**
 * Receives a stream of parts that leave the relay at known times.
 * @param {number} bytes Of one part. @param {number} leadMs @param {AbortSignal} signal
 * @returns {Promise<TimedStream>}
 */
export async function measureStream(bytes, leadMs, signal) {
    const reader = new PartReader();
    const result = { status: 0, headMs: 0, firstMs: 0, parts, intervalMs };
    const url = address(`doctor/stream?parts=${parts}&interval=${intervalMs}&bytes=${bytes}`);
    const sentMs = now();
    try {
        await request(url, {}, { timeoutMs: answerMs + parts * intervalMs, signal }, async (response) => {
            result.status = response.status;
            result.headMs = now() - sentMs;
            const body = response.ok ? response.body?.getReader() : undefined;
            for (let piece = await body?.read(); piece && !piece.done; piece = await body?.read()) {
                const arrivedMs = now();
                result.firstMs ||= arrivedMs - sentMs;
                reader.take(piece.value, arrivedMs);
            }
        });
    } catch {
        // The connection broke, or it was no stream of ours: what came before tells how far it got.
    }
    return { ...result, delaysMs: delays(reader.parts, leadMs) };
}

/**
 * Sends bytes that the relay counts and drops.
 * @param {number} bytes @param {AbortSignal} signal @returns {Promise<Echo>}
 */
export async function measureEcho(bytes, signal) {
    const options = {
        method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: new Uint8Array(bytes),
    };
    const startedAt = performance.now();
    try {
        const limits = { timeoutMs: answerMs, signal };
        const { status, ok, body } = await request(address("doctor/echo"), options, limits, withJSON);
        const isRelay = ok ? body?.bytes === bytes : typeof body?.reason === "string";
        const ms = performance.now() - startedAt;
        return { status: ok && !isRelay ? 0 : status, ms, isRelay, reason: body?.reason ?? "" };
    } catch {
        return { status: 0, ms: performance.now() - startedAt, isRelay: false, reason: "" };
    }
}

/**
 * Opens a WebSocket and has one message sent back; null when that fails.
 * @param {AbortSignal} signal @returns {Promise<{tripMs: number | null}>}
 */
export function measureSocket(signal) {
    const url = sessionKey.in(address("doctor/socket")).replace(/^http/, "ws");
    return new Promise((done) => {
        const socket = new WebSocket(url);
        const timer = setTimeout(() => end(null), socketMs);
        let sentAt = 0;
        /** @param {number | null} tripMs */
        function end(tripMs) {
            clearTimeout(timer);
            socket.close();
            done({ tripMs });
        }
        signal.addEventListener("abort", () => end(null), { once: true });
        socket.addEventListener("error", () => end(null));
        socket.addEventListener("close", () => end(null));
        socket.addEventListener("message", () => end(performance.now() - sentAt));
        socket.addEventListener("open", () => {
            sentAt = performance.now();
            socket.send("evrelay");
        });
    });
}
