// SPDX-License-Identifier: MIT
// @ts-check
import { sessionKey } from "../net/key.js";
import { request, withJSON } from "../net/request.js";
import { address } from "../net/site.js";
import { PartReader } from "./part-reader.js";

/**
 * What the server says about a request (`doctor/info`), as far as the page itself uses it.
 * @typedef {{version: string, publishing_reason?: string | null}} Info
 */
/**
 * Several answers of `doctor/info`: each sent and received by this device's clock, stamped by the server's in between.
 * Info is null when something else answered, status 0 when nothing did.
 * @typedef {{status: number, trips_us: [number, number, number][], info: Info | null}} Reach
 */

const answerMs = 10_000;
const samples = 8;
const parts = 8;
const intervalMs = 250;
const socketMs = 5000;
/** The longest reason that `doctor/findings` takes. */
const longestReason = 64;

/** This device's clock in Unix milliseconds, finer than Date.now(). */
const now = () => performance.timeOrigin + performance.now();

/** @param {number} milliseconds */
const micros = (milliseconds) => Math.round(milliseconds * 1000);

/**
 * Asks the relay for what it knows about this page, several times for the round trip and the clocks. The key goes along
 * once, afterwards, for what it allows: a wrong one would be counted each time, and its answer delayed.
 * @param {AbortSignal} signal @returns {Promise<Reach>}
 */
export async function measureReach(signal) {
    /** @type {[number, number, number][]} */
    const trips = [];
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
        if (!isRelay) return { status: last.status, trips_us: [], info: null };
        if (sample > 0) trips.push([micros(sentMs), last.body.time_us, micros(now())]);
    }
    return { status: last.status, trips_us: trips, info: await withKey(last.body, signal) };
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
 * @param {number} bytes Of one part. @param {AbortSignal} signal
 */
export async function measureStream(bytes, signal) {
    const reader = new PartReader();
    let [status, headMs, firstMs] = [0, 0, 0];
    const url = address(`doctor/stream?parts=${parts}&interval=${intervalMs}&bytes=${bytes}`);
    const sentMs = now();
    try {
        await request(url, {}, { timeoutMs: answerMs + parts * intervalMs, signal }, async (response) => {
            status = response.status;
            headMs = now() - sentMs;
            const body = response.ok ? response.body?.getReader() : undefined;
            for (let piece = await body?.read(); piece && !piece.done; piece = await body?.read()) {
                const arrivedMs = now();
                firstMs ||= arrivedMs - sentMs;
                reader.take(piece.value, arrivedMs);
            }
        });
    } catch {
        // The connection broke, or it was no stream of ours: what came before tells how far it got.
    }
    return {
        status, head_us: micros(headMs), first_us: micros(firstMs), parts, interval_us: micros(intervalMs),
        parts_us: reader.parts.map(({ stampMs, arrivedMs }) => [micros(stampMs), micros(arrivedMs)]),
    };
}

/**
 * Sends bytes that the relay counts and drops.
 * @param {number} bytes @param {AbortSignal} signal
 */
export async function measureEcho(bytes, signal) {
    const options = {
        method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: new Uint8Array(bytes),
    };
    const startedAt = performance.now();
    const took = () => micros(performance.now() - startedAt);
    try {
        const limits = { timeoutMs: answerMs, signal };
        const { status, ok, body } = await request(address("doctor/echo"), options, limits, withJSON);
        const reason = typeof body?.reason === "string" ? body.reason.slice(0, longestReason) : "";
        const isRelay = ok ? body?.bytes === bytes : reason !== "";
        return { status: ok && !isRelay ? 0 : status, took_us: took(), is_relay: isRelay, reason, bytes };
    } catch {
        return { status: 0, took_us: took(), is_relay: false, reason: "", bytes };
    }
}

/**
 * Opens a WebSocket and has one message sent back; null when that fails.
 * @param {AbortSignal} signal @returns {Promise<{trip_us: number | null}>}
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
            done({ trip_us: tripMs === null ? null : micros(tripMs) });
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
