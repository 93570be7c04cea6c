// SPDX-License-Identifier: MIT
// @ts-check
import en from "../../locales/en.js";
import ru from "../../locales/ru.js";
import { recall, remember } from "./storage.js";

/** @typedef {string | Record<string, string>} Message A sentence, or one for each plural category ("zero" means 0). */
/** @typedef {Record<string, string | number>} Values */

/** @typedef {Record<string, Record<string, Message>>} Locales */

/** @type {Locales} */
const locales = { en, ru };

/**
 * The page's language: the address decides, then what was chosen before, then the browser's own order.
 * @param {string | null} asked @param {string | null} stored @param {readonly string[]} preferred
 */
export function chooseLanguage(asked, stored, preferred) {
    for (const tag of [asked, stored, ...preferred]) {
        const language = (tag ?? "").slice(0, 2).toLowerCase();
        if (language in locales) return language;
    }
    return "en";
}

/**
 * A message with its values. `count` chooses the plural form.
 * @param {Message} message @param {Values} values @param {Intl.PluralRules} rules
 */
export function fill(message, values, rules) {
    let text = message;
    if (typeof text !== "string") {
        const count = Number(values.count);
        text = (count === 0 && text.zero) || text[rules.select(count)] || text.other;
    }
    return text.replace(/\{(\w+)\}/g, (hole, key) => (key in values ? String(values[key]) : hole));
}

/** The words of one page. Elements with `data-t` (text) or `data-t-label` (name and tooltip) follow the language. */
export class Translator {
    /** @type {() => void} Called after the language has changed. */
    onChange = () => {};

    /** @param {string} language @param {Locales} [own] Messages of one page alone, by language. */
    constructor(language, own = {}) {
        this.language = language;
        this.rules = new Intl.PluralRules(language);
        this.#own = own;
    }

    /** @param {Locales} [own] */
    static forPage(own) {
        const asked = new URLSearchParams(location.search).get("lang");
        return new Translator(chooseLanguage(asked, recall("language"), navigator.languages), own);
    }

    /** @param {string} key @param {Values} [values] */
    t(key, values = {}) {
        const message = this.#own[this.language]?.[key] ?? locales[this.language][key];
        return message === undefined ? key : fill(message, values, this.rules);
    }

    /** @param {string} key */
    has(key) {
        return key in locales[this.language] || key in (this.#own[this.language] ?? {});
    }

    /** @param {number} value */
    number(value) {
        return value.toLocaleString(this.language, { maximumFractionDigits: value < 1.95 ? 1 : 0 });
    }

    /**
     * How long ago, in its largest whole unit.
     * @param {number} milliseconds
     */
    age(milliseconds) {
        const seconds = Math.max(0, Math.floor(milliseconds / 1000));
        if (seconds < 60) return this.t("age.seconds", { value: seconds });
        if (seconds < 3600) return this.t("age.minutes", { value: Math.floor(seconds / 60) });
        return this.t("age.hours", { value: Math.floor(seconds / 3600) });
    }

    /**
     * Time of day, with the date when it is not today's.
     * @param {number} at Unix milliseconds @param {number} now
     */
    time(at, now) {
        const today = new Date(at).toDateString() === new Date(now).toDateString();
        const date = today ? {} : /** @type {const} */ ({ day: "numeric", month: "short" });
        const options = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...date });
        return new Intl.DateTimeFormat(this.language, options).format(at);
    }

    /** @param {ParentNode} root */
    apply(root) {
        for (const element of root.querySelectorAll("[data-t]")) {
            element.textContent = this.t(/** @type {HTMLElement} */ (element).dataset.t ?? "");
        }
        for (const element of root.querySelectorAll("[data-t-label]")) {
            const label = this.t(/** @type {HTMLElement} */ (element).dataset.tLabel ?? "");
            element.setAttribute("aria-label", label);
            element.setAttribute("title", label);
        }
        document.documentElement.lang = this.language;
    }

    /** The other language, remembered; an address that asked for one stops asking. */
    toggle() {
        this.language = this.language === "ru" ? "en" : "ru";
        this.rules = new Intl.PluralRules(this.language);
        remember("language", this.language);
        const address = new URL(location.href);
        address.searchParams.delete("lang");
        history.replaceState(null, "", address);
        this.apply(document);
        this.onChange();
    }

    #own;
}
