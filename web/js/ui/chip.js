// SPDX-License-Identifier: MIT
// @ts-check
import { icon, make, setIcon, setText } from "./dom.js";

/** @typedef {{icon: string, tone: string, text: string}} Face How a state looks: never by its tone alone. */

/** A state in one line: icon, tone, words. */
export class Chip {
    constructor() {
        this.#icon = icon("dots");
        this.#text = make("span");
        this.element = make("span", { class: "chip" }, this.#icon, this.#text);
    }

    /** @param {Face} face */
    show(face) {
        this.element.dataset.tone = face.tone;
        setIcon(this.#icon, face.icon);
        setText(this.#text, face.text);
    }

    #icon;
    #text;
}
