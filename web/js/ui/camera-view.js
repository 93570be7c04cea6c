// SPDX-License-Identifier: MIT
// @ts-check
import { sessionKey } from "../net/key.js";
import { address, overHTTPS } from "../net/site.js";
import { describeCamera, isRunning } from "../state/camera-state.js";
import { Chip } from "./chip.js";
import { byID, make, setIcon, setLabel, setText } from "./dom.js";
import { KeyForm } from "./key-form.js";

/** @typedef {import("../state/camera-state.js").CameraState} CameraState */
/** @typedef {import("../state/camera-state.js").CameraPhase} CameraPhase */
/** @typedef {"start" | "retry" | "lower" | "allow" | "takeBack"} CameraAction */
/** @typedef {{framesPerSecond: number, bytesPerSecond: number, width: number, height: number}} Sent */
/** @typedef {{message: string, act?: CameraAction, href?: string}} Offer */

/**
 * What each state lets a person do besides the big button.
 * @type {Partial<Record<CameraPhase, Offer[]>>}
 */
const offers = {
    insecure: [{ message: "camera.https", href: "https" }, { message: "help.doctor", href: "doctor" }],
    denied: [{ message: "camera.allow", act: "allow" }, { message: "camera.retry", act: "start" }],
    missing: [{ message: "camera.retry", act: "start" }],
    busy: [{ message: "camera.retry", act: "start" }],
    interrupted: [{ message: "camera.retry", act: "start" }],
    slow: [{ message: "camera.lower", act: "lower" }],
    reconnecting: [{ message: "camera.retry.now", act: "retry" }, { message: "help.doctor", href: "doctor" }],
    taken: [{ message: "camera.retry.now", act: "retry" }],
    "taken-over": [{ message: "camera.take-back", act: "takeBack" }],
    refused: [{ message: "help.doctor", href: "doctor" }],
};
/** States of the picture itself; while there is one, the chip says the rest. */
const withoutPicture = ["ready", "asking", "insecure", "denied", "missing", "busy", "interrupted", "locked", "refused"];
const errors = [
    "insecure", "denied", "missing", "busy", "interrupted", "reconnecting", "taken", "taken-over", "locked", "refused",
];

/** The camera page's elements; they follow from its state. */
export class CameraView {
    /** @type {(action: CameraAction) => void} */
    onAction = () => {};
    /**
     * The relay's own address over HTTPS, where it tells one.
     * @type {string | null | undefined}
     */
    httpsURL = null;

    /** @param {import("./i18n.js").Translator} words @param {import("./chrome.js").Chrome} chrome */
    constructor(words, chrome) {
        this.#words = words;
        this.#chrome = chrome;
        byID("chip", HTMLElement).append(this.#chip.element);
        this.#keyForm = new KeyForm(words);
        byID("actions", HTMLElement).before(this.#keyForm.element);
    }

    /** @param {CameraState} state @param {string} name @param {Sent} sent @param {boolean} isAwake */
    render(state, name, sent, isAwake) {
        const words = this.#words;
        const about = { camera: name, host: location.host };
        const { phase, face, detail, wantsKey } =
            describeCamera(state, Date.now(), sent.framesPerSecond, words, about);
        const hasPicture = !withoutPicture.includes(phase);
        this.#chip.show(face);
        this.#chip.element.hidden = !hasPicture;
        byID("stage", HTMLElement).dataset.phase = phase;
        document.body.classList.toggle("running", hasPicture);
        for (const bar of document.querySelectorAll(".camera-bar")) bar.classList.toggle("over", hasPicture);
        setText(byID("name", HTMLElement), name);
        document.title = `${name} · ${words.t("camera.title")} · EvRelay`;

        byID("note", HTMLElement).hidden = hasPicture;
        setIcon(byID("note", HTMLElement), face.icon);
        setText(byID("sentence", HTMLElement), face.text);
        setText(byID("detail", HTMLElement), detail);
        this.#keyForm.show(wantsKey);

        const start = byID("start", HTMLButtonElement);
        const running = isRunning(state);
        start.dataset.does = phase === "asking" ? "wait" : running ? "stop" : "start";
        start.disabled = phase === "insecure";
        setLabel(start, words.t(running ? "camera.stop" : "camera.start"));
        setText(byID("facts", HTMLElement), hasPicture ? this.#facts(state, phase, sent) : words.t("camera.start"));
        setText(byID("keep", HTMLElement), words.t(adviceFor(state, phase, running && !isAwake)));
        this.#offer(phase, state.reason);
        if (phase !== this.#phase) this.#chrome.announce(face.text, errors.includes(phase));
        this.#phase = phase;
    }

    /** @param {CameraState} state @param {CameraPhase} phase @param {Sent} sent */
    #facts({ viewers }, phase, { framesPerSecond, bytesPerSecond, width, height }) {
        const words = this.#words;
        const parts = [];
        if (width > 0) parts.push(`${width}×${height}`);
        if (framesPerSecond > 0) {
            parts.push(words.t("unit.fps", { value: words.number(framesPerSecond) }));
            parts.push(words.t("unit.rate", { value: words.number(Math.round(bytesPerSecond / 1000)) }));
        }
        // On air, the chip already says who watches; what another device sends has viewers of its own.
        if (!["sending", "connecting", "taken", "taken-over"].includes(phase)) parts.push(words.t("unit.viewers", { count: viewers }));
        return parts.join(" · ");
    }

    /** @param {CameraPhase} phase @param {string} reason */
    #offer(phase, reason) {
        const actions = byID("actions", HTMLElement);
        const inBar = byID("bar-actions", HTMLElement);
        const key = `${phase} ${reason} ${this.#words.language} ${this.httpsURL}`;
        if (actions.dataset.shown === key) return;
        actions.dataset.shown = key;
        // Frames that are too large and a network that is too slow have the same remedy.
        const need = phase === "refused" && reason === "frame-too-large" ? "slow" : phase;
        const buttons = (offers[need] ?? []).map((offer) => this.#button(offer));
        const hasPicture = !withoutPicture.includes(phase);
        actions.replaceChildren(...(hasPicture ? [] : buttons));
        inBar.replaceChildren(...(hasPicture ? buttons : []));
    }

    /** @param {Offer} offer */
    #button({ message, act, href }) {
        const text = this.#words.t(message);
        if (href === "https") return this.#secureLink(text);
        if (href) return make("a", { class: "button", href: address(href) }, text);
        const button = make("button", { class: "button", type: "button" }, text);
        button.addEventListener("click", () => act && this.onAction(act));
        return button;
    }

    /**
     * This page over HTTPS, which is another site to the browser: the key goes along, not shown in the link.
     * @param {string} text
     */
    #secureLink(text) {
        const href = overHTTPS(this.httpsURL, location);
        const link = make("a", { class: "button", href }, text);
        link.addEventListener("click", (event) => {
            if (sessionKey.value === "") return;
            event.preventDefault();
            location.assign(`${href}#key=${encodeURIComponent(sessionKey.value)}`);
        });
        return link;
    }

    #words;
    #chrome;
    #keyForm;
    #chip = new Chip();
    /** @type {CameraPhase | ""} */
    #phase = "";
}

/**
 * The line under the button.
 * @param {CameraState} state @param {CameraPhase} phase @param {boolean} maySleep
 */
function adviceFor(state, phase, maySleep) {
    if (phase === "taken-over" || phase === "taken") return "camera.unsent";
    if (phase === "sending" && state.wanted !== null) return "camera.resting";
    return maySleep ? "camera.awake" : "camera.keep";
}
