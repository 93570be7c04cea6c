// SPDX-License-Identifier: MIT
// @ts-check
import { returnMs, withReturning } from "../state/returning.js";
import { Poller } from "./poller.js";
import { request, withJSON } from "./request.js";
import { address } from "./site.js";

/** @typedef {import("../state/viewer-state.js").Camera} Camera */
/**
 * `isNewServer`: streams opened before this answer may be dead, for the server was away or is another process.
 * @typedef {{server: string, cameras: Camera[], isNewServer: boolean}} CameraList
 */

/**
 * Asks for the list of cameras once a second: the side channel of an `<img>` that says nothing itself. The list and
 * not one camera, because only the list names the server process, and an absent camera is no error in it.
 */
export class StatusWatch {
    /**
     * @param {{intervalMs: number, onList: (list: CameraList) => void, onLost: (retryAt: number) => void}} options
     */
    constructor({ intervalMs, onList, onLost }) {
        this.#onList = onList;
        this.poller = new Poller({
            ask: (signal) => this.#ask(signal),
            intervalMs,
            onLost: (retryAt) => {
                this.#wasLost = true;
                onLost(retryAt);
            },
        });
    }

    /** @param {AbortSignal} signal */
    async #ask(signal) {
        const { ok, status, body } = await request(address("cameras"), {}, { timeoutMs: 5000, signal }, withJSON);
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
    #server = "";
    /** @type {Camera[]} */
    #cameras = [];
    #listedAt = 0;
    #returnUntil = 0;
    #wasLost = false;
}
