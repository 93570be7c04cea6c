// SPDX-License-Identifier: MIT
// @ts-check

/** @typedef {import("./settings.js").Settings} Settings */

/**
 * The request for a device: a chosen one, or the side of a phone that it looks from.
 * @param {string} device @param {number} size
 */
export function constraintsFor(device, size) {
    const video = { width: { ideal: size }, height: { ideal: Math.round(size * 9 / 16) }, frameRate: { ideal: 30 } };
    if (device.startsWith("device:")) return { video: { ...video, deviceId: { exact: device.slice(7) } } };
    if (device.startsWith("facing:")) return { video: { ...video, facingMode: { ideal: device.slice(7) } } };
    return { video };
}

/** This device's camera: a preview and JPEGs of it. One canvas, resized only when the camera's own size changes. */
export class Capture {
    /**
     * True while the camera gives no picture: unplugged, or taken by a call.
     * @type {(interrupted: boolean) => void}
     */
    onInterrupted = () => {};

    /** @param {HTMLVideoElement} preview */
    constructor(preview) {
        this.#preview = preview;
    }

    /**
     * Opens the camera; false when it was closed meanwhile, rejects with getUserMedia's error.
     * @param {Settings} settings
     */
    async open(settings) {
        this.close();
        const attempt = ++this.#attempt;
        const stream = await this.#ask(settings);
        const [track] = stream.getVideoTracks();
        if (attempt !== this.#attempt) {
            track.stop();
            return false;
        }
        this.#track = track;
        track.addEventListener("ended", () => this.#interrupt(track, true));
        track.addEventListener("mute", () => this.#interrupt(track, true));
        track.addEventListener("unmute", () => this.#interrupt(track, false));
        this.#preview.srcObject = stream;
        this.#preview.classList.toggle("mirrored", this.facing === "user");
        await this.#preview.play().catch(() => {});
        return attempt === this.#attempt;
    }

    close() {
        this.#attempt += 1;
        this.#track?.stop();
        this.#track = null;
        this.#preview.srcObject = null;
    }

    /** "user" for a front camera, "environment" for a back one, empty when the device does not say. */
    get facing() {
        return this.#track?.getSettings().facingMode ?? "";
    }

    /** Pixels of the last frame. */
    get size() {
        const isOpen = this.#track !== null && this.#preview.videoWidth > 0;
        return { width: isOpen ? this.#canvas.width : 0, height: isOpen ? this.#canvas.height : 0 };
    }

    /**
     * The picture of this moment as a JPEG, null while there is none.
     * @param {Settings} settings @returns {Promise<Blob | null>}
     */
    grab({ size, quality }) {
        const { videoWidth, videoHeight } = this.#preview;
        const isDark = !this.#track || this.#track.muted || this.#track.readyState === "ended";
        if (isDark || videoWidth === 0 || this.#preview.readyState < 2) return Promise.resolve(null);
        const scale = Math.min(1, size / Math.max(videoWidth, videoHeight));
        const width = Math.round(videoWidth * scale);
        const height = Math.round(videoHeight * scale);
        if (this.#canvas.width !== width) this.#canvas.width = width;
        if (this.#canvas.height !== height) this.#canvas.height = height;
        this.#context?.drawImage(this.#preview, 0, 0, width, height);
        return new Promise((done) => this.#canvas.toBlob(done, "image/jpeg", quality));
    }

    /**
     * A remembered device that is gone must not stop the page: any camera is better.
     * @param {Settings} settings
     */
    async #ask({ device, size }) {
        try {
            return await navigator.mediaDevices.getUserMedia(constraintsFor(device, size));
        } catch (error) {
            if (!(error instanceof Error) || error.name !== "OverconstrainedError") throw error;
            return navigator.mediaDevices.getUserMedia(constraintsFor("", size));
        }
    }

    /** @param {MediaStreamTrack} track @param {boolean} interrupted */
    #interrupt(track, interrupted) {
        if (track === this.#track) this.onInterrupted(interrupted);
    }

    #preview;
    /** @type {MediaStreamTrack | null} */
    #track = null;
    #attempt = 0;
    #canvas = document.createElement("canvas");
    #context = this.#canvas.getContext("2d", { alpha: false });
}
