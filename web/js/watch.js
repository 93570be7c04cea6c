// SPDX-License-Identifier: MIT
// @ts-check
import { sessionKey } from "./net/key.js";
import { address, cameraFromPath } from "./net/site.js";
import { Chip } from "./ui/chip.js";
import { Chrome } from "./ui/chrome.js";
import { byID, icon, make, setIcon, setLabel, setText } from "./ui/dom.js";
import { Translator } from "./ui/i18n.js";
import { listenToKeys } from "./ui/keyboard.js";
import { LivePicture } from "./ui/live-picture.js";

/** @typedef {import("./ui/live-picture.js").Description} Description */

const idleMs = 3000;

/** The viewer of one camera. */
class Watch {
    constructor() {
        setText(byID("name", HTMLElement), this.#name);
        document.title = `${this.#name} · EvRelay`;
        byID("chip", HTMLElement).append(this.#chip.element);
        this.#words.onChange = () => {
            this.#chrome.render();
            this.#live.render();
        };
        this.#live.onChange = (shown) => this.#show(shown);
        this.#live.onCameras = (names) => (this.#neighbours = names);
        this.#pause.append(this.#pauseIcon);
        this.#pause.addEventListener("click", () => this.#togglePause());
        byID("snapshot", HTMLElement).addEventListener("click", () => this.#save());
        const stream = address(`stream/${this.#name}`);
        byID("address", HTMLElement).addEventListener("click", () => this.#copy(stream));
        const fullscreen = byID("fullscreen", HTMLElement);
        fullscreen.hidden = !document.fullscreenEnabled;
        fullscreen.addEventListener("click", () => this.#toggleFullscreen());
        for (const type of ["pointermove", "pointerdown", "keydown", "focusin"]) {
            addEventListener(type, () => this.#wake());
        }
        this.#listen();
        this.#live.render();
        this.#wake();
    }

    #listen() {
        listenToKeys({
            F: () => this.#toggleFullscreen(),
            Space: () => this.#togglePause(),
            S: () => this.#save(),
            ArrowLeft: () => this.#step(-1),
            ArrowRight: () => this.#step(1),
            G: () => location.assign(address("")),
            L: () => this.#words.toggle(),
            T: () => this.#chrome.nextTheme(),
            "?": () => this.#chrome.showKeys(),
            Escape: () => document.fullscreenElement ? document.exitFullscreen() : location.assign(address("")),
        }, new AbortController().signal);
    }

    /** @param {Description} shown */
    #show({ phase, sentence, face }) {
        this.#chip.show(face);
        const isPaused = phase === "paused";
        setIcon(this.#pauseIcon, isPaused ? "play" : "pause");
        setLabel(this.#pause, this.#words.t(isPaused ? "watch.resume" : "watch.pause"));
        if (phase === this.#phase) return;
        this.#phase = phase;
        this.#chrome.announce(sentence, phase === "reconnecting" || phase === "locked");
        this.#wake();
    }

    #togglePause() {
        this.#live.setPaused(this.#live.phase !== "paused");
    }

    #toggleFullscreen() {
        if (!document.fullscreenEnabled) return;
        const { fullscreenElement, documentElement } = document;
        const change = fullscreenElement ? document.exitFullscreen() : documentElement.requestFullscreen();
        change.catch(() => {});
    }

    /**
     * Without the key: whoever gets the address has to have one of their own.
     * @param {string} stream
     */
    #copy(stream) {
        const said = sessionKey.value === "" ? undefined : this.#words.t("watch.copied.keyless", { text: stream });
        this.#chrome.copy(stream, said);
    }

    async #save() {
        const frame = await this.#live.snapshot().catch(() => null);
        if (!frame) return this.#chrome.toast(this.#words.t("watch.snapshot.failed"));
        const now = new Date();
        const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
        const href = URL.createObjectURL(frame);
        make("a", { href, download: `${this.#name}-${local.slice(0, 19).replace(/[T:]/g, "-")}.jpg` }).click();
        setTimeout(() => URL.revokeObjectURL(href), 10_000);
    }

    /**
     * The next camera by name, round and round.
     * @param {number} direction
     */
    #step(direction) {
        const names = this.#neighbours;
        const place = names.indexOf(this.#name);
        const next = names[(place + direction + names.length) % names.length];
        if (next && next !== this.#name) location.assign(address(`watch/${next}`));
    }

    /** Shows the controls, and lets them go when the picture runs and nobody touches anything. */
    #wake() {
        document.body.classList.remove("idle");
        clearTimeout(this.#idle);
        this.#idle = setTimeout(() => {
            const isInUse = document.querySelector("dialog[open], .watch-bar :focus-visible") !== null;
            document.body.classList.toggle("idle", this.#phase === "live" && !isInUse);
        }, idleMs);
    }

    #name = cameraFromPath(location.pathname);
    #words = Translator.forPage();
    #chrome = new Chrome(this.#words, [
        ["Space", "key.pause"], ["F", "key.fullscreen"], ["S", "key.snapshot"], ["← →", "key.neighbour"],
        ["G", "key.wall"], ["L", "key.language"], ["T", "key.theme"], ["Esc", "key.back"], ["?", "key.help"],
    ]);
    #chip = new Chip();
    #pause = byID("pause", HTMLButtonElement);
    #pauseIcon = icon("pause");
    #live = new LivePicture(byID("stage", HTMLElement), this.#name, this.#words);
    #phase = "";
    /** @type {string[]} */
    #neighbours = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #idle;
}

new Watch();
