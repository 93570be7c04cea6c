// SPDX-License-Identifier: MIT
// @ts-check
import { StreamImage } from "../media/stream-image.js";
import { sessionKey } from "../net/key.js";
import { request, withFrame, withJSON } from "../net/request.js";
import { address } from "../net/site.js";
import { StatusWatch } from "../net/status-watch.js";
import { denialIn } from "../state/denial.js";
import { freshHealth, judgeStream } from "../state/stream-health.js";
import { describeViewer, reduceViewer, startViewing, viewerPhase } from "../state/viewer-state.js";
import { icon, make, setIcon, setText } from "./dom.js";
import { KeyForm } from "./key-form.js";

/** @typedef {import("../state/denial.js").Denial} Denial */
/** @typedef {import("../state/viewer-state.js").ViewerEvent} ViewerEvent */
/** @typedef {import("../state/viewer-state.js").ViewerPhase} ViewerPhase */
/** @typedef {ReturnType<typeof describeViewer>} Description */
/** @typedef {{message: string, href?: string, act?: () => void}} Action */

const quiet = ["live", "stale"];

/** One camera, live in a stage: picture, the sentence above it when there is something to say, and recovery. */
export class LivePicture {
    /** @type {(shown: Description) => void} After every change, and once a second. */
    onChange = () => {};
    /** @type {(names: string[]) => void} The cameras the server knows. */
    onCameras = () => {};

    /** @param {HTMLElement} stage @param {string} name @param {import("./i18n.js").Translator} words */
    constructor(stage, name, words) {
        this.name = name;
        this.stage = stage;
        this.#words = words;
        this.#state = startViewing(name);
        this.picture = make("div", { class: "picture", role: "img" });
        this.#keyForm = new KeyForm(words);
        const text = make("p", {}, this.#sentence, this.#detail);
        this.#note.append(this.#noteIcon, text, this.#keyForm.element, this.#actions);
        stage.replaceChildren(this.picture, this.#note);
        this.#stream = new StreamImage(this.picture, name);
        this.#stream.onShown = () => this.#dispatch({ type: "shown" });
        this.#stream.mayRetry = () => this.#mayRetry();
        this.#watch = new StatusWatch({
            intervalMs: 1000,
            onList: (list) => this.#take(list),
            onLost: (retryAt) => this.#dispatch({ type: "lost", retryAt }),
            onDenied: (denial) => {
                this.#isAdmitted = false;
                this.#deny(denial);
            },
        });
        const { signal } = this.#closing;
        addEventListener("load", () => this.#connect(), { once: true, signal });
        sessionKey.addEventListener("change", () => this.retry(), { signal });
        document.addEventListener("visibilitychange", () => {
            if (document.hidden) this.#stream.hold();
            else this.#connect();
        }, { signal });
        const timer = setInterval(() => this.render(), 1000);
        signal.addEventListener("abort", () => clearInterval(timer));
        this.render();
    }

    get phase() {
        return viewerPhase(this.#state);
    }

    /** @param {boolean} paused */
    setPaused(paused) {
        this.#dispatch({ type: "paused", paused });
        if (paused) this.#stream.hold();
        else this.#connect();
    }

    /** Begins anew: with another key, or because somebody wants to try. */
    retry() {
        this.#isAdmitted = false;
        this.#stream.hold();
        this.#dispatch({ type: "retried" });
        this.#watch.retry();
    }

    /** The picture as a JPEG: the server's latest frame, or what is held while paused. */
    async snapshot() {
        if (this.#state.paused) return this.#stream.stillFrame();
        const limits = { timeoutMs: 10_000, signal: this.#closing.signal };
        return request(address(`snapshot/${this.name}.jpg`), {}, limits, withFrame);
    }

    close() {
        this.#closing.abort();
        this.#watch.poller.close();
        this.#stream.close();
        this.stage.replaceChildren();
    }

    render() {
        const shown = describeViewer(this.#state, Date.now(), this.#words, location.host);
        this.stage.dataset.phase = shown.phase;
        const label = this.#words.t("viewer.picture", { camera: this.name, state: shown.face.text });
        this.picture.setAttribute("aria-label", label);
        this.#note.hidden = quiet.includes(shown.phase);
        setIcon(this.#noteIcon, shown.face.icon);
        setText(this.#sentence, shown.sentence);
        setText(this.#detail, shown.detail);
        this.#keyForm.show(shown.wantsKey);
        this.#showActions(shown.phase, shown.wantsKey);
        this.onChange(shown);
    }

    /** @param {ViewerEvent} event */
    #dispatch(event) {
        this.#state = reduceViewer(this.#state, event);
        this.render();
    }

    /** @param {import("../net/status-watch.js").CameraList} list */
    #take({ cameras, isNewServer }) {
        if (!this.#isAdmitted) {
            this.#isAdmitted = true;
            this.#dispatch({ type: "retried" });
            this.#connect();
        } else if (isNewServer) {
            this.#connect();
        }
        const camera = cameras.find(({ name }) => name === this.name);
        this.#dispatch(camera ? { type: "status", camera, at: Date.now() } : { type: "missing" });
        if (camera) this.#checkStream(camera.sequence);
        this.onCameras(cameras.map(({ name }) => name));
    }

    /**
     * Not before the list was answered: over an image that is denied, browsers ask for a password. And a stream that
     * waits for its first frame would keep the page from ever being loaded: it starts behind that.
     */
    #connect() {
        const { paused, denial } = this.#state;
        if (!this.#isAdmitted || document.readyState !== "complete" || paused || denial || document.hidden) return;
        this.#health = freshHealth(Date.now());
        this.#stream.connect();
    }

    /**
     * Looks whether the server's frames still reach the screen.
     * @param {number} sequence
     */
    async #checkStream(sequence) {
        if (!this.#stream.isOpen || this.#isChecking) return;
        const seen = { sequence, changed: this.#stream.hasChanged(), now: Date.now() };
        const { health, look } = judgeStream(this.#health, seen);
        this.#health = health;
        if (!look) return;
        this.#isChecking = true;
        const frame = await this.snapshot().catch(() => null);
        const isBehind = frame !== null && (await this.#stream.isBehind(frame).catch(() => false));
        this.#isChecking = false;
        // A scene that moved just now is not behind: its frame was on the way.
        if (isBehind && !this.#stream.hasChanged()) this.#connect();
    }

    /** @param {Denial} denial */
    #deny(denial) {
        this.#stream.hold();
        this.#dispatch({ type: "denied", denial });
    }

    /** Asks for a snapshot what a failed image does not tell. */
    async #mayRetry() {
        const key = sessionKey.value;
        const limits = { timeoutMs: 10_000, signal: this.#closing.signal };
        const path = address(`snapshot/${this.name}.jpg`);
        const answer = await request(path, {}, limits, withJSON).catch(() => null);
        const denial = answer && denialIn(answer, Date.now());
        if (!denial || key !== sessionKey.value) return true;
        // The list may be open to a key that does not open the picture; what else is wrong with a key is so for both.
        if (denial.reason === "right-missing") this.#deny(denial);
        else this.#watch.deny(denial);
        return false;
    }

    /** @param {ViewerPhase} phase @param {boolean} wantsKey */
    #showActions(phase, wantsKey) {
        const key = `${phase} ${wantsKey} ${this.#words.language}`;
        if (this.#actions.dataset.shown === key) return;
        this.#actions.dataset.shown = key;
        /** @type {Partial<Record<ViewerPhase, Action[]>>} */
        const offered = {
            connecting: [{ message: "viewer.waiting", href: address("doctor") }],
            unknown: [
                { message: "watch.send", href: address(`camera?camera=${this.name}`) },
                { message: "watch.back", href: address("") },
            ],
            reconnecting: [
                { message: "watch.retry", act: () => this.#watch.poller.now() },
                { message: "help.doctor", href: address("doctor") },
            ],
            locked: wantsKey ? [] : [{ message: "denial.again", act: () => this.retry() }],
            paused: [{ message: "watch.resume", act: () => this.setPaused(false) }],
        };
        const buttons = (offered[phase] ?? []).map(({ message, href, act }) => {
            const text = this.#words.t(message);
            if (href) return make("a", { class: "button", href }, text);
            const button = make("button", { class: "button", type: "button" }, text);
            if (act) button.addEventListener("click", act);
            return button;
        });
        this.#actions.replaceChildren(...buttons);
    }

    #words;
    #state;
    #stream;
    #watch;
    #closing = new AbortController();
    #health = freshHealth(Date.now());
    #isChecking = false;
    #isAdmitted = false;
    #keyForm;
    #noteIcon = icon("dots");
    #sentence = make("span");
    #detail = make("small");
    #actions = make("div", { class: "actions" });
    #note = make("div", { class: "note over" });
}
