// SPDX-License-Identifier: MIT
// @ts-check
import { Painter } from "../media/painter.js";
import { address } from "../net/site.js";
import { describeViewer, reduceViewer, startViewing } from "../state/viewer-state.js";
import { Chip } from "./chip.js";
import { make, setLabel } from "./dom.js";

/** @typedef {import("../state/viewer-state.js").ViewerEvent} ViewerEvent */

/** One camera of the wall: a link to its page with its latest picture, name and state. */
export class Tile {
    /** Whether any of it is on the screen; IntersectionObserver decides. */
    isVisible = false;

    /** @param {string} name @param {import("./i18n.js").Translator} words */
    constructor(name, words) {
        this.name = name;
        this.#words = words;
        this.#state = startViewing(name);
        const canvas = make("canvas", { width: "16", height: "9", "aria-hidden": "true" });
        this.#painter = new Painter(canvas);
        const title = make("span", { class: "tile-name" }, name);
        const label = make("span", { class: "tile-label" }, title, this.#chip.element);
        this.element = make("a", { class: "tile stage over", href: address(`watch/${name}`) }, canvas, label);
    }

    /** Live first, then stale, then offline. */
    get rank() {
        return ["live", "stale", "offline"].indexOf(this.#state.camera?.state ?? "offline");
    }

    get sequence() {
        return this.#state.camera?.sequence ?? 0;
    }

    /** Whether its picture is of use: somebody sees it, and the key opens it. */
    get wantsFrames() {
        return this.isVisible && this.#state.denial === null;
    }

    /** @param {Blob} frame */
    async paint(frame) {
        await this.#painter.paint(frame);
        if (!this.#state.shown) this.take({ type: "shown" });
    }

    /** @param {ViewerEvent} event */
    take(event) {
        this.#state = reduceViewer(this.#state, event);
        this.render();
    }

    render() {
        const { phase, sentence, face } = describeViewer(this.#state, Date.now(), this.#words);
        this.element.dataset.phase = phase;
        this.#chip.show(face);
        setLabel(this.element, this.#words.t("viewer.picture", { camera: this.name, state: sentence }));
    }

    #words;
    #state;
    #painter;
    #chip = new Chip();
}
