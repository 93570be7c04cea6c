// SPDX-License-Identifier: MIT
// @ts-check

/** A wait that can be cut short: by `wake()`, and by the signal for good. */
export class Pause {
    /** @param {AbortSignal} signal */
    constructor(signal) {
        signal.addEventListener("abort", () => this.wake(), { once: true });
        this.#signal = signal;
    }

    /** @param {number} milliseconds */
    wait(milliseconds) {
        if (this.#signal.aborted || milliseconds <= 0) return Promise.resolve();
        return new Promise((/** @type {(value?: unknown) => void} */ done) => {
            const timer = setTimeout(done, milliseconds);
            this.wake = () => {
                clearTimeout(timer);
                done();
            };
        });
    }

    wake = () => {};
    #signal;
}
