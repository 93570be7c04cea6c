// SPDX-License-Identifier: MIT
// @ts-check

/** Keeps the screen on while a camera sends. Browsers take the lock from a hidden page; it is asked for again. */
export class WakeLock {
    /** @type {(isHeld: boolean) => void} */
    onChange = () => {};

    constructor() {
        document.addEventListener("visibilitychange", () => {
            if (this.#isWanted && !document.hidden) this.#request();
        });
    }

    hold() {
        this.#isWanted = true;
        return this.#request();
    }

    release() {
        this.#isWanted = false;
        this.#lock?.release().catch(() => {});
        this.#lock = null;
    }

    async #request() {
        try {
            const lock = await navigator.wakeLock.request("screen");
            if (!this.#isWanted) return void lock.release();
            this.#lock = lock;
            lock.addEventListener("release", () => this.onChange(false));
            this.onChange(true);
        } catch {
            this.onChange(false);
        }
    }

    #isWanted = false;
    /** @type {WakeLockSentinel | null} */
    #lock = null;
}
