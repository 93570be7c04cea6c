// SPDX-License-Identifier: MIT
// @ts-check
import { Backoff } from "./backoff.js";
import { Pause } from "./pause.js";

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
        addEventListener("online", () => this.now(), { signal });
        document.addEventListener("visibilitychange", () => this.now(), { signal });
        this.#run();
    }

    /** Asks without waiting for the pause to end. */
    now() {
        this.#pause.wake();
    }

    close() {
        this.#closing.abort();
    }

    async #run() {
        const { signal } = this.#closing;
        const backoff = new Backoff();
        while (!signal.aborted) {
            let waitMs = document.hidden ? 3600e3 : this.intervalMs;
            try {
                if (!document.hidden) await this.#ask(signal);
                backoff.reset();
            } catch {
                if (signal.aborted) return;
                waitMs = backoff.next();
                this.#onLost(Date.now() + waitMs);
            }
            await this.#pause.wait(waitMs);
        }
    }

    #closing = new AbortController();
    #ask;
    #onLost;
    #pause;
}
