// SPDX-License-Identifier: MIT
// @ts-check
import { recall, remember } from "./storage.js";

const choices = /** @type {const} */ (["auto", "light", "dark"]);

/** The stored choice. A page without one keeps what its shell says (dark where video fills the page). */
export class Theme {
    constructor() {
        const stored = recall("theme");
        this.choice = /** @type {string} */ (
            choices.find((choice) => choice === stored) ?? document.documentElement.dataset.theme ?? "auto");
        this.#apply();
    }

    next() {
        this.choice = choices[(choices.findIndex((choice) => choice === this.choice) + 1) % choices.length];
        remember("theme", this.choice);
        this.#apply();
    }

    #apply() {
        document.documentElement.dataset.theme = this.choice;
    }
}
