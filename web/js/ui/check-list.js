// SPDX-License-Identifier: MIT
// @ts-check
import { advice, sentence } from "../state/phrases.js";
import { Chip } from "./chip.js";
import { icon, make, setLabel, setText } from "./dom.js";

/** @typedef {import("../state/diagnosis.js").Finding} Finding */
/** @typedef {import("../state/remedies.js").Remedy} Remedy */

/** @type {Record<import("../state/verdict.js").State, {icon: string, tone: string}>} */
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
    /** @type {(finding: Finding) => Remedy[]} */
    remedies = () => [];

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

    /** @param {Finding[]} findings */
    render(findings) {
        for (const finding of findings) {
            const { check, state } = finding;
            const row = this.#rows.get(check) ?? this.#add(check);
            row.element.dataset.state = state;
            setText(row.title, this.#words.t(`doctor.${check}`));
            row.chip.show({ ...faces[state], text: this.#words.t(`doctor.state.${state}`) });
            setText(row.sentence, sentence(this.#words, finding));
            this.#advise(row.advice, finding);
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
     * @param {HTMLElement} place @param {Finding} finding
     */
    #advise(place, finding) {
        const { sameAs, remedy } = finding;
        const text = advice(this.#words, finding);
        const key = [text, sameAs, remedy].join("\n");
        if (place.dataset.shown === key) return;
        place.dataset.shown = key;
        place.replaceChildren();
        if (sameAs) {
            const title = this.#words.t(`doctor.${sameAs}`);
            const link = make("a", { href: `#check-${sameAs}` }, this.#words.t("doctor.same", { title }));
            place.append(make("p", {}, link));
        } else if (text) {
            place.append(make("p", {}, text), ...this.remedies(finding).map((remedy) => this.#block(remedy)));
        }
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
