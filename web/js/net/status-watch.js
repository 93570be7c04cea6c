// SPDX-License-Identifier: MIT
// @ts-check
import { denialIn } from "../state/denial.js";
import { returnMs, withReturning } from "../state/returning.js";
import { sessionKey } from "./key.js";
import { Poller } from "./poller.js";
import { request, withJSON } from "./request.js";
import { address } from "./site.js";

/** @typedef {import("../state/denial.js").Denial} Denial */
/** @typedef {import("../state/viewer-state.js").Camera} Camera */
/**
 * `isNewServer`: streams opened before this answer may be dead, for the server was away or is another process.
 * @typedef {{server: string, cameras: Camera[], isNewServer: boolean}} CameraList
 */

/**
 * Asks for the list of cameras once a second: the side channel of an `<img>` that says nothing itself. The list and
 * not one camera, because only the list names the server process, and an absent camera is no error in it. Once denied,
 * it waits for another key.
 */
export class StatusWatch {
    /**
     * @param {{intervalMs: number, onList: (list: CameraList) => void, onLost: (retryAt: number) => void,
     *   onDenied: (denial: Denial) => void}} options
     */
    constructor({ intervalMs, onList, onLost, onDenied }) {
        this.#onList = onList;
        this.#onDenied = onDenied;
        this.poller = new Poller({
            ask: (signal) => this.#ask(signal),
            intervalMs,
            onLost: (retryAt) => {
                this.#wasLost = true;
                onLost(retryAt);
            },
        });
    }

    /**
     * What was learnt of a denial by another question: asking for the list would be denied too.
     * @param {Denial} denial
     */
    deny(denial) {
        this.#isDenied = true;
        this.poller.hold(denial.retryAt);
        this.#onDenied(denial);
    }

    /** Asks at once, also after a denial: the key is another, or somebody wants to try. */
    retry() {
        this.#isDenied = false;
        this.poller.now();
    }

    /** @param {AbortSignal} signal */
    async #ask(signal) {
        this.#isDenied = false;
        const key = sessionKey.value;
        const answer = await request(address("cameras"), {}, { timeoutMs: 5000, signal }, withJSON);
        // Overtaken by a denial, or by another key: the next answer counts.
        if (this.#isDenied || key !== sessionKey.value) return;
        const denial = denialIn(answer, Date.now());
        if (denial) return this.deny(denial);
        const { ok, status, body } = answer;
        if (!ok || !body) throw new Error(`status ${status}`);
        const isNewServer = this.#wasLost || (this.#server !== "" && body.server !== this.#server);
        this.#wasLost = false;
        this.#server = body.server;
        const now = performance.now();
        if (isNewServer) this.#returnUntil = now + returnMs;
        const isReturning = now < this.#returnUntil;
        this.#cameras = isReturning
            ? withReturning(body.cameras, this.#cameras, now - this.#listedAt) : body.cameras;
        this.#listedAt = now;
        this.#onList({ ...body, cameras: this.#cameras, isNewServer });
    }

    #onList;
    #onDenied;
    #isDenied = false;
    #server = "";
    /** @type {Camera[]} */
    #cameras = [];
    #listedAt = 0;
    #returnUntil = 0;
    #wasLost = false;
}
