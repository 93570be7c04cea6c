// SPDX-License-Identifier: MIT
// @ts-check
import { Backoff } from "./backoff.js";
import { denialIn, isDenial } from "../state/denial.js";
import { intervalMs, SlowDetector } from "./pace.js";
import { Pause } from "./pause.js";
import { request, withJSON } from "./request.js";

/** @typedef {import("../state/camera-state.js").CameraEvent} CameraEvent */
/** @typedef {{status: number, ok: boolean, headers: Headers, body: any}} Answer */
/** @typedef {"accepted" | "refused" | "full" | "lost"} Verdict */

const timeoutMs = 10_000;
const emptyFrameMs = 150;

/**
 * What an answer means: refused for good, full for now, or the way to the server is broken (a proxy's page, a timeout).
 * @param {Answer} answer @returns {Verdict}
 */
export function verdict({ status, ok, body }) {
    if (ok) return "accepted";
    // A camera has one sender: whoever has lost it stops, whoever finds it taken waits for its turn.
    if (status === 409) return body?.reason === "camera-taken" ? "full" : "refused";
    if (isDenial(body?.reason)) return "refused";
    if (status === 429 || (status === 503 && body?.reason)) return "full";
    return status >= 500 || status === 408 || status === 422 ? "lost" : "refused";
}

/** Sends frames by POST, one at a time: the next is taken when the answer to the last is in, so none can overtake. */
export class Uploader {
    /**
     * `publisherID` names the sender among all that may send this camera.
     * @param {{url: string, publisherID: () => string, framesPerSecond: () => number, grab: () => Promise<Blob | null>,
     *   onEvent: (event: CameraEvent) => void, onSent: (bytes: number) => void}} options
     */
    constructor({ url, publisherID, framesPerSecond, grab, onEvent, onSent }) {
        this.#url = url;
        this.#publisherID = publisherID;
        this.#framesPerSecond = framesPerSecond;
        this.#grab = grab;
        this.#onEvent = onEvent;
        this.#onSent = onSent;
        const { signal } = this.#closing;
        this.#pause = new Pause(signal);
        addEventListener("online", () => this.retryNow(), { signal });
        document.addEventListener("visibilitychange", () => document.hidden || this.retryNow(), { signal });
        this.#run();
    }

    /** Ends the pause before the next attempt. */
    retryNow() {
        if (this.#isRetrying) this.#pause.wake();
    }

    close() {
        this.#closing.abort();
    }

    async #run() {
        const { signal } = this.#closing;
        while (!signal.aborted) {
            const startedAt = performance.now();
            const frame = await this.#grab();
            if (signal.aborted) return;
            if (!frame) {
                await this.#pause.wait(emptyFrameMs);
                continue;
            }
            const answer = await this.#send(frame);
            if (signal.aborted || !(await this.#take(answer, frame.size, startedAt))) return;
        }
    }

    /** @param {Blob} frame @returns {Promise<Answer>} */
    async #send(frame) {
        const headers = { "Content-Type": "image/jpeg", "X-Publisher-ID": this.#publisherID() };
        const options = { method: "POST", headers, body: frame };
        try {
            return await request(this.#url, options, { timeoutMs, signal: this.#closing.signal }, withJSON);
        } catch {
            return { status: 0, ok: false, headers: new Headers(), body: null };
        }
    }

    /**
     * Acts on an answer; false when sending is over.
     * @param {Answer} answer @param {number} bytes @param {number} startedAt
     */
    async #take(answer, bytes, startedAt) {
        const { status, body } = answer;
        const meaning = status === 0 ? "lost" : verdict(answer);
        if (meaning === "accepted") {
            this.#backoff.reset();
            this.#onSent(bytes);
            const wanted = body?.wanted_frames_per_second ?? null;
            const interval = intervalMs(this.#framesPerSecond(), wanted);
            const tripMs = performance.now() - startedAt;
            const slow = this.#slow.add(tripMs, interval);
            this.#onEvent({ type: "accepted", viewers: body?.viewers ?? 0, wanted, slow });
            await this.#pause.wait(interval - tripMs);
            return true;
        }
        const { reason = "", message = "" } = body ?? {};
        const refusal = { type: /** @type {const} */ ("refused"), status, reason, message };
        if (meaning === "refused") {
            this.#onEvent({ ...refusal, retryAt: denialIn(answer, Date.now())?.retryAt ?? 0 });
            return false;
        }
        const retryAfterMs = Number(answer.headers.get("Retry-After") ?? 0) * 1000 || 0;
        const waitMs = Math.max(this.#backoff.next(), Math.min(retryAfterMs, 60_000));
        const retryAt = Date.now() + waitMs;
        this.#onEvent(meaning === "full" ? { ...refusal, retryAt } : { type: "lost", retryAt });
        this.#isRetrying = true;
        await this.#pause.wait(waitMs);
        this.#isRetrying = false;
        if (!this.#closing.signal.aborted) this.#onEvent({ type: "retrying" });
        return true;
    }

    #url;
    #publisherID;
    #framesPerSecond;
    #grab;
    #onEvent;
    #onSent;
    #pause;
    #isRetrying = false;
    #closing = new AbortController();
    #backoff = new Backoff();
    #slow = new SlowDetector();
}
