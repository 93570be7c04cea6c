// SPDX-License-Identifier: MIT
// @ts-check
import { Backoff } from "./backoff.js";
import { Pause } from "./pause.js";

const hiddenMs = 3600_000;
/** The longest pause that a timer takes, about 25 days. */
const foreverMs = 2 ** 31 - 1;

/**
 * Asks again and again, one question at a time: after `intervalMs` while answers come, with growing pauses while they
 * do not, at once when the network or the page comes back, never while the page is hidden.
 */
export class Poller {
    /**
     * @param {{ask: (signal: AbortSignal) => Promise<void>, intervalMs: number,
     *   onLost: (retryAt: number) => void}} options
     */
    constructor({ ask, intervalMs, onLost }) {
        this.#ask = ask;
        this.intervalMs = intervalMs;
        this.#onLost = onLost;
        const { signal } = this.#closing;
        this.#pause = new Pause(signal);
        const wake = () => this.#heldUntil > Date.now() || this.now();
        addEventListener("online", wake, { signal });
        document.addEventListener("visibilitychange", wake, { signal });
        this.#run();
    }

    /** Asks without waiting for the pause to end, also where it was told to hold. */
    now() {
        this.#heldUntil = 0;
        this.#pause.wake();
    }

    /**
     * Asks no more until then, or at all: what was answered stays answered.
     * @param {number} until Unix milliseconds, 0 for good.
     */
    hold(until) {
        this.#heldUntil = until || Infinity;
    }

    close() {
        this.#closing.abort();
    }

    async #run() {
        const { signal } = this.#closing;
        const backoff = new Backoff();
        while (!signal.aborted) {
            let waitMs = this.#heldUntil - Date.now();
            if (waitMs <= 0) waitMs = await this.#turn(backoff);
            await this.#pause.wait(Math.min(waitMs, foreverMs));
        }
    }

    /**
     * One question, where there is somebody to see its answer; the pause after it.
     * @param {Backoff} backoff
     */
    async #turn(backoff) {
        if (document.hidden) return hiddenMs;
        const { signal } = this.#closing;
        try {
            await this.#ask(signal);
            backoff.reset();
            return this.#heldUntil > Date.now() ? 0 : this.intervalMs;
        } catch {
            const waitMs = backoff.next();
            if (!signal.aborted) this.#onLost(Date.now() + waitMs);
            return waitMs;
        }
    }

    #closing = new AbortController();
    #heldUntil = 0;
    #ask;
    #onLost;
    #pause;
}
