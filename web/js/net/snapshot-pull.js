// SPDX-License-Identifier: MIT
// @ts-check

/** @typedef {{sequence: number, done: number, busy: boolean, servedAt: number}} Wish */

/**
 * Fetches the latest frames of many cameras over few connections, for a browser has six per host: at most `limit`
 * requests at once and one per camera, the camera that waited longest first, and always its newest frame.
 */
export class SnapshotPull {
    /**
     * `load` fetches and paints.
     * @param {{limit: number, load: (name: string, sequence: number) => Promise<void>}} options
     */
    constructor({ limit, load }) {
        this.#limit = limit;
        this.#load = load;
    }

    /** @param {string} name @param {number} sequence */
    want(name, sequence) {
        const wish = this.#wishes.get(name) ?? { sequence: 0, done: 0, busy: false, servedAt: 0 };
        wish.sequence = sequence;
        this.#wishes.set(name, wish);
        this.#fill();
    }

    /** @param {string} name */
    forget(name) {
        this.#wishes.delete(name);
    }

    #fill() {
        while (this.#running < this.#limit) {
            const waiting = [...this.#wishes].filter(([, wish]) => !wish.busy && wish.sequence !== wish.done);
            const [next] = waiting.sort(([, a], [, b]) => a.servedAt - b.servedAt);
            if (!next) return;
            this.#serve(...next);
        }
    }

    /** @param {string} name @param {Wish} wish */
    async #serve(name, wish) {
        const { sequence } = wish;
        wish.busy = true;
        wish.servedAt = ++this.#turn;
        this.#running += 1;
        try {
            await this.#load(name, sequence);
        } catch {
            // The next list of cameras asks again; a camera that has vanished is no longer in it.
        }
        wish.done = sequence;
        wish.busy = false;
        this.#running -= 1;
        this.#fill();
    }

    #limit;
    #load;
    #running = 0;
    #turn = 0;
    /** @type {Map<string, Wish>} */
    #wishes = new Map();
}
