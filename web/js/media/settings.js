// SPDX-License-Identifier: MIT
// @ts-check
import { isCameraName } from "../net/site.js";

/**
 * `device` is `device:ID`, `facing:user`, `facing:environment` or empty (any); `size` the longer side in pixels;
 * `quality` from 0 to 1.
 * @typedef {{name: string, device: string, size: number, framesPerSecond: number, quality: number}} Settings
 */
export const sizes = [640, 1280, 1920];
export const rates = [1, 2, 5, 10, 15, 20, 25];
export const qualities = [0.5, 0.7, 0.85];

/**
 * Settings from what was stored and the address; whatever is not valid is left out.
 * @param {string | null} stored @param {string | null} asked @returns {Settings}
 */
export function readSettings(stored, asked) {
    /** @type {Partial<Record<keyof Settings, unknown>>} */
    let kept = {};
    try {
        kept = JSON.parse(stored ?? "{}") ?? {};
    } catch {
        // Somebody else's text under our key: the defaults serve.
    }
    /** @param {number[]} allowed @param {unknown} value @param {number} fallback */
    const oneOf = (allowed, value, fallback) => (allowed.includes(Number(value)) ? Number(value) : fallback);
    const name = [asked, kept.name].find((name) => typeof name === "string" && isCameraName(name));
    return {
        name: typeof name === "string" ? name : "default",
        device: typeof kept.device === "string" ? kept.device : "",
        size: oneOf(sizes, kept.size, 1280),
        framesPerSecond: oneOf(rates, kept.framesPerSecond, 10),
        quality: oneOf(qualities, kept.quality, 0.7),
    };
}

/**
 * One step fewer bytes, or null at the bottom.
 * @param {Settings} settings @returns {Settings | null}
 */
export function lowered(settings) {
    const quality = qualities[qualities.indexOf(settings.quality) - 1];
    if (quality) return { ...settings, quality };
    const size = sizes[sizes.indexOf(settings.size) - 1];
    return size ? { ...settings, size } : null;
}
