// SPDX-License-Identifier: MIT
// @ts-check

/** Paints JPEGs on one canvas without flicker: the old picture stays until the new one is decoded. */
export class Painter {
    /** @param {HTMLCanvasElement} canvas */
    constructor(canvas) {
        this.canvas = canvas;
        this.#context = canvas.getContext("2d", { alpha: false });
    }

    /** @param {Blob} frame */
    async paint(frame) {
        const bitmap = await createImageBitmap(frame);
        // No more pixels than the screen shows: a wall of large cameras would fill a phone's memory.
        const shown = Math.max(1, this.canvas.clientWidth, this.canvas.clientHeight) * devicePixelRatio;
        const scale = Math.min(1, shown / Math.max(bitmap.width, bitmap.height));
        const width = Math.max(1, Math.round(bitmap.width * scale));
        const height = Math.max(1, Math.round(bitmap.height * scale));
        if (this.canvas.width !== width) this.canvas.width = width;
        if (this.canvas.height !== height) this.canvas.height = height;
        this.#context?.drawImage(bitmap, 0, 0, width, height);
        bitmap.close();
    }

    #context;
}
