// SPDX-License-Identifier: MIT
// @ts-check
const stepsMs = [250, 500, 1000, 2000, 4000, 8000, 15000];

/**
 * Pauses between attempts: a restart is over after the first ones (0.25 and 0.5 s), an outage is not hurried (1, 2, 4,
 * 8, then 15 s). Each is up to a fifth longer: many pages must not return together.
 */
export class Backoff {
    /** @param {() => number} [random] from 0 up to 1 */
    constructor(random = Math.random) {
        this.#random = random;
    }

    /** Milliseconds until the next attempt. */
    next() {
        const step = stepsMs[Math.min(this.#failures, stepsMs.length - 1)];
        this.#failures += 1;
        return Math.round(step * (1 + 0.2 * this.#random()));
    }

    reset() {
        this.#failures = 0;
    }

    #failures = 0;
    #random;
}
