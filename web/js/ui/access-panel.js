// SPDX-License-Identifier: MIT
// @ts-check
import { describeDenial } from "../state/denial.js";
import { icon, make, setIcon, setText } from "./dom.js";
import { KeyForm } from "./key-form.js";

/** @typedef {import("../state/denial.js").Denial} Denial */

/** What stands in place of the wall while the relay denies it. */
export class AccessPanel {
    /** @type {() => void} */
    onRetry = () => {};

    /** @param {HTMLElement} place @param {import("./i18n.js").Translator} words */
    constructor(place, words) {
        this.#place = place;
        this.#words = words;
        this.#form = new KeyForm(words);
        this.#again.addEventListener("click", () => this.onRetry());
        const head = make("div", { class: "empty-head" }, this.#icon, this.#title, this.#text);
        place.replaceChildren(head, this.#form.element, this.#again);
    }

    /** @param {Denial | null} denial Null hides the panel. */
    show(denial) {
        this.#place.hidden = denial === null;
        if (!denial) return "";
        const about = { camera: "", host: location.host, now: Date.now() };
        const said = describeDenial(denial, "wall", about, this.#words);
        setIcon(this.#icon, said.icon);
        setText(this.#title, said.sentence);
        setText(this.#text, said.detail);
        setText(this.#again, this.#words.t("denial.again"));
        this.#again.hidden = said.wantsKey;
        this.#form.show(said.wantsKey);
        return said.sentence;
    }

    #place;
    #words;
    #form;
    #icon = icon("key");
    #title = make("h2");
    #text = make("p");
    #again = make("button", { class: "button", type: "button" });
}
