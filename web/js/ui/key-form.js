// SPDX-License-Identifier: MIT
// @ts-check
import { keyFrom, sessionKey } from "../net/key.js";
import { make, setText } from "./dom.js";

/** Takes a key, or a link that carries one, for this tab. Hidden until it is wanted. */
export class KeyForm {
    /** @param {import("./i18n.js").Translator} words */
    constructor(words) {
        this.#words = words;
        this.element.append(this.#field, this.#open, this.#hint);
        this.element.hidden = true;
        this.element.addEventListener("submit", (event) => {
            event.preventDefault();
            const key = keyFrom(this.#field.value);
            this.#isWrong = key === "";
            this.render();
            if (this.#isWrong) return this.#field.focus();
            this.#field.value = "";
            sessionKey.keep(key);
        });
        this.#field.addEventListener("input", () => {
            this.#isWrong = false;
            this.render();
        });
        this.render();
    }

    /** @param {boolean} isWanted */
    show(isWanted) {
        this.element.hidden = !isWanted;
        this.render();
    }

    render() {
        this.#field.placeholder = this.#words.t("key.field");
        this.#field.setAttribute("aria-label", this.#words.t("key.field"));
        this.#field.setAttribute("aria-invalid", String(this.#isWrong));
        setText(this.#open, this.#words.t("key.open"));
        setText(this.#hint, this.#isWrong ? this.#words.t("key.none") : "");
    }

    element = make("form", { class: "key-form" });
    #words;
    // A password field: nobody reads it over a shoulder, and no browser offers it again to somebody else.
    #field = make("input", { type: "password", autocomplete: "off", spellcheck: "false", autocapitalize: "none" });
    #open = make("button", { class: "button primary" });
    #hint = make("p", { class: "key-hint", role: "alert" });
    #isWrong = false;
}
