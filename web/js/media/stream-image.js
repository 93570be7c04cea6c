// SPDX-License-Identifier: MIT
// @ts-check
import { Backoff } from "../net/backoff.js";
import { sessionKey } from "../net/key.js";
import { address } from "../net/site.js";
import { make } from "../ui/dom.js";

const sampleSide = 48;

/**
 * Whether two samples show different scenes, rather than the same one decoded twice.
 * @param {Uint8ClampedArray} a @param {Uint8ClampedArray} b
 */
export function differs(a, b) {
    let distinct = 0;
    for (let i = 0; i < a.length; i += 4) {
        const distance = Math.abs(a[i] - b[i]) + Math.abs(a[i + 1] - b[i + 1]) + Math.abs(a[i + 2] - b[i + 2]);
        if (distance > 36) distinct += 1;
    }
    return distinct > a.length / 4 / 200;
}

/** One camera's stream in an `<img>`, above a canvas that keeps the last picture whenever there is no stream. */
export class StreamImage {
    /**
     * The image has its first picture of this connection.
     * @type {() => void}
     */
    onShown = () => {};
    /**
     * Whether a stream that failed is to be opened again; an image does not tell why it failed.
     * @type {() => Promise<boolean>}
     */
    mayRetry = async () => true;

    /** @param {HTMLElement} stage @param {string} name */
    constructor(stage, name) {
        this.#name = name;
        this.#still = make("canvas", { "aria-hidden": "true" });
        this.image = make("img", { alt: "", decoding: "async", draggable: "false", "data-empty": "" });
        this.image.addEventListener("load", () => this.#loaded());
        this.image.addEventListener("error", () => this.#failed());
        stage.prepend(this.#still, this.image);
        this.#sample.width = this.#sample.height = sampleSide;
    }

    /** Opens the stream afresh: a new address, for browsers join equal ones. */
    connect() {
        this.hold();
        this.isOpen = true;
        StreamImage.#connections += 1;
        const connection = `${Date.now()}-${StreamImage.#connections}`;
        this.image.src = sessionKey.in(address(`stream/${this.#name}?connection=${connection}`));
    }

    /** Keeps the picture and lets the connection go: an `<img>` holds it until its source is emptied. */
    hold() {
        clearTimeout(this.#retry);
        this.isOpen = false;
        const { naturalWidth: width, naturalHeight: height } = this.image;
        if (width > 0 && !("empty" in this.image.dataset)) {
            if (this.#still.width !== width) this.#still.width = width;
            if (this.#still.height !== height) this.#still.height = height;
            this.#still.getContext("2d")?.drawImage(this.image, 0, 0);
        }
        this.image.dataset.empty = "";
        this.image.src = "";
    }

    close() {
        this.hold();
        this.image.remove();
        this.#still.remove();
    }

    /** Whether the picture has changed since the last call. */
    hasChanged() {
        const before = this.#last;
        // Firefox tells of each frame itself, and would draw one it remembers for up to two seconds.
        this.#last = this.#loads > 0 ? null : this.#take(this.image);
        this.#loads = 0;
        const now = this.#last;
        return !before || !now || now.some((value, i) => value !== before[i]);
    }

    /**
     * Whether the server's latest frame is another picture than the one on screen.
     * @param {Blob} frame
     */
    async isBehind(frame) {
        const bitmap = await createImageBitmap(frame);
        const latest = this.#take(bitmap);
        bitmap.close();
        const shown = this.#take(this.image);
        return !latest || !shown || differs(latest, shown);
    }

    /**
     * What is on screen as a JPEG, null before the first picture.
     * @returns {Promise<Blob | null>}
     */
    stillFrame() {
        if (this.#still.width === 0) return Promise.resolve(null);
        return new Promise((done) => this.#still.toBlob(done, "image/jpeg", 0.92));
    }

    /** @param {HTMLImageElement | ImageBitmap} picture */
    #take(picture) {
        const context = this.#sample.getContext("2d", { willReadFrequently: true });
        if (!context || ("naturalWidth" in picture && picture.naturalWidth === 0)) return null;
        // Single pixels, not averages: a camera's noise tells a running picture from a frozen one.
        context.imageSmoothingEnabled = false;
        context.drawImage(picture, 0, 0, sampleSide, sampleSide);
        return context.getImageData(0, 0, sampleSide, sampleSide).data;
    }

    /** Chromium says this once a connection, Firefox once a frame. */
    #loaded() {
        if (!this.isOpen) return;
        this.#loads += 1;
        this.#backoff.reset();
        delete this.image.dataset.empty;
        this.onShown();
    }

    async #failed() {
        const failed = this.image.src;
        const isStill = () => this.isOpen && this.image.src === failed;
        if (!isStill() || !(await this.mayRetry()) || !isStill()) return;
        clearTimeout(this.#retry);
        this.#retry = setTimeout(() => this.connect(), this.#backoff.next());
    }

    static #connections = 0;
    isOpen = false;
    #name;
    #still;
    #sample = document.createElement("canvas");
    /** @type {Uint8ClampedArray | null} */
    #last = null;
    #loads = 0;
    #backoff = new Backoff();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #retry;
}
