// SPDX-License-Identifier: MIT
// @ts-check

/**
 * Milliseconds between frames: the chosen rate, or the server's wish while that is lower.
 * @param {number} framesPerSecond @param {number | null} wanted
 */
export function intervalMs(framesPerSecond, wanted) {
    return 1000 / Math.min(framesPerSecond, wanted && wanted > 0 ? wanted : framesPerSecond);
}

/** What was sent in the last seconds. */
export class RateMeter {
    /** @param {number} bytes @param {number} now milliseconds */
    add(bytes, now) {
        this.#sent.push({ bytes, now });
        while (this.#sent.length > 1 && now - this.#sent[0].now > 3000) this.#sent.shift();
    }

    /** @param {number} now milliseconds */
    read(now) {
        const recent = this.#sent.filter((frame) => now - frame.now <= 3000);
        const [first] = recent;
        const last = recent[recent.length - 1];
        if (!first || last.now === first.now) return { framesPerSecond: 0, bytesPerSecond: 0 };
        const seconds = (last.now - first.now) / 1000;
        const bytes = recent.slice(1).reduce((sum, frame) => sum + frame.bytes, 0);
        return { framesPerSecond: (recent.length - 1) / seconds, bytesPerSecond: bytes / seconds };
    }

    reset() {
        this.#sent = [];
    }

    /** @type {{bytes: number, now: number}[]} */
    #sent = [];
}

/** Tells a slow network from one late answer: a smoothed trip well over the interval, until it is near it again. */
export class SlowDetector {
    /** @param {number} tripMs @param {number} interval milliseconds wanted between frames */
    add(tripMs, interval) {
        this.#tripMs = this.#tripMs === 0 ? tripMs : this.#tripMs * 0.8 + tripMs * 0.2;
        if (this.#tripMs > interval * 1.5) this.isSlow = true;
        else if (this.#tripMs < interval * 1.1) this.isSlow = false;
        return this.isSlow;
    }

    isSlow = false;
    #tripMs = 0;
}
