// SPDX-License-Identifier: MIT
// @ts-check
import { Chip } from "./chip.js";
import { icon, make, setLabel, setText } from "./dom.js";

/** @typedef {import("../state/doctor-state.js").Row} Row */
/** @typedef {import("../state/doctor-state.js").Remedy} Remedy */

/** @type {Record<import("../state/doctor-state.js").Look, {icon: string, tone: string}>} */
export const faces = {
    checking: { icon: "dots", tone: "off" },
    fine: { icon: "tick", tone: "good" },
    warning: { icon: "alert", tone: "warn" },
    problem: { icon: "cross", tone: "error" },
    unavailable: { icon: "minus", tone: "off" },
};

/** One row a check: title, state, what was measured, and what to change with lines to copy. */
export class CheckList {
    /** @type {(text: string) => void} */
    onCopy = () => {};

    /**
     * `extras` are controls of single rows, by check.
     * @param {HTMLElement} list @param {import("./i18n.js").Translator} words
     * @param {Record<string, HTMLElement>} extras
     */
    constructor(list, words, extras) {
        this.#list = list;
        this.#words = words;
        this.#extras = extras;
    }

    /** @param {Row[]} rows */
    render(rows) {
        for (const row of rows) {
            const { check, look, title, text } = row;
            const shown = this.#rows.get(check) ?? this.#add(check);
            shown.element.dataset.state = look;
            setText(shown.title, title);
            shown.chip.show({ ...faces[look], text: this.#words.t(`doctor.state.${look}`) });
            setText(shown.sentence, text ?? "");
            this.#advise(shown.advice, row);
        }
    }

    /** @param {string} check */
    #add(check) {
        const row = {
            title: make("h2"), chip: new Chip(), sentence: make("p"), advice: make("div", { class: "advice" }),
            element: make("li", { class: "check", id: `check-${check}` }),
        };
        const extra = this.#extras[check];
        row.element.append(
            make("div", { class: "check-head" }, row.title, row.chip.element), row.sentence, row.advice,
            ...(extra ? [extra] : []));
        this.#rows.set(check, row);
        this.#list.append(row.element);
        return row;
    }

    /**
     * Made anew only when it says something else: whoever reads or selects it is not disturbed.
     * @param {HTMLElement} place @param {Row} row
     */
    #advise(place, { advice, same_as: sameAs, remedy }) {
        const key = [advice, sameAs, ...remedy.map(({ lines }) => lines)].join("\n");
        if (place.dataset.shown === key) return;
        place.dataset.shown = key;
        place.replaceChildren();
        if (!advice) return;
        const text = sameAs ? make("a", { href: `#check-${sameAs}` }, advice) : advice;
        place.append(make("p", {}, text), ...remedy.map((lines) => this.#block(lines)));
    }

    /** @param {Remedy} remedy */
    #block({ program, lines }) {
        const copy = make("button", { class: "button", type: "button" }, icon("copy"), this.#words.t("doctor.copy"));
        setLabel(copy, this.#words.t("doctor.copy.label", { program }));
        copy.addEventListener("click", () => this.onCopy(lines));
        const head = make("figcaption", {}, make("span", {}, program), copy);
        return make("figure", { class: "lines" }, head, make("pre", { tabindex: "0" }, lines));
    }

    #list;
    #words;
    #extras;
    /** @type {Map<string, {title: HTMLElement, chip: Chip, sentence: HTMLElement, advice: HTMLElement,
     *   element: HTMLElement}>} */
    #rows = new Map();
}
