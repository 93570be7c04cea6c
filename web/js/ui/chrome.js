// SPDX-License-Identifier: MIT
// @ts-check
import { address } from "../net/site.js";
import { byID, icon, make, setIcon, setLabel, setText } from "./dom.js";
import { Theme } from "./theme.js";

/** @typedef {import("./i18n.js").Translator} Translator */

/** Language, theme, list of keys, toast and announcement: what every page has. */
export class Chrome {
    /** @param {Translator} words @param {[string, string][]} keys Key caps and the message for each. */
    constructor(words, keys) {
        this.words = words;
        this.#keys = keys;
        this.#language.addEventListener("click", () => words.toggle());
        this.#theme?.addEventListener("click", () => this.nextTheme());
        this.#theme?.append(this.#themeIcon);
        words.apply(document);
        this.render();
    }

    render() {
        setText(this.#language, this.words.t("language.other"));
        setLabel(this.#language, this.words.t("language.switch"));
        setIcon(this.#themeIcon, `theme-${this.#choice.choice}`);
        if (this.#theme) setLabel(this.#theme, this.words.t(`theme.${this.#choice.choice}`));
    }

    nextTheme() {
        this.#choice.next();
        this.render();
        this.toast(this.words.t(`theme.${this.#choice.choice}`));
    }

    showKeys() {
        const close = make("button", { class: "button quiet round" }, icon("cross"));
        setLabel(close, this.words.t("help.close"));
        const list = make("dl", { class: "keys" });
        for (const [caps, key] of this.#keys) {
            const term = make("dt");
            for (const cap of caps.split(" ")) term.append(make("kbd", {}, cap), " ");
            list.append(term, make("dd", {}, this.words.t(key)));
        }
        const title = make("h2", {}, this.words.t("help.title"));
        const dialog = make("dialog", { class: "help" }, make("div", { class: "dialog-head" }, title, close), list);
        const href = address("doctor");
        const doctor = make("a", { class: "button", href }, icon("pulse"), this.words.t("help.doctor"));
        if (location.href.split(/[?#]/)[0] !== href) dialog.append(doctor);
        close.addEventListener("click", () => dialog.close());
        dialog.addEventListener("close", () => dialog.remove());
        document.body.append(dialog);
        dialog.showModal();
    }

    /**
     * A word that goes away by itself.
     * @param {string} text
     */
    toast(text) {
        setText(this.#toast, text);
        this.#toast.classList.add("shown");
        clearTimeout(this.#toastTimer);
        this.#toastTimer = setTimeout(() => this.#toast.classList.remove("shown"), 3500);
    }

    /**
     * Says a change of state once to screen readers.
     * @param {string} text @param {boolean} [urgent]
     */
    announce(text, urgent = false) {
        setText(urgent ? this.#alert : this.#status, text);
    }

    /**
     * Copies where the browser allows it (clipboards need a secure page), else by selection.
     * @param {string} text @param {string} [said] What the toast says instead of the text itself.
     */
    async copy(text, said = this.words.t("watch.copied", { text })) {
        try {
            await navigator.clipboard.writeText(text);
        } catch {
            const focused = document.activeElement;
            const field = make("textarea", { class: "sr-only" }, text);
            document.body.append(field);
            field.select();
            document.execCommand("copy");
            field.remove();
            if (focused instanceof HTMLElement) focused.focus();
        }
        this.toast(said);
    }

    #keys;
    #choice = new Theme();
    #language = byID("language", HTMLButtonElement);
    /** Not on the viewer: its picture is dark in every theme. */
    #theme = document.getElementById("theme");
    #themeIcon = icon("theme-auto");
    #toast = byID("toast", HTMLElement);
    #status = byID("status", HTMLElement);
    #alert = byID("alert", HTMLElement);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #toastTimer;
}
