// SPDX-License-Identifier: MIT
// @ts-check

/** @typedef {import("./viewer-state.js").Camera} Camera */

/** How long a camera that a server's restart has cost its place is kept on the pages. */
export const returnMs = 5000;

/**
 * The list of a server that has just started: it knows a camera again with that camera's next frame. Until then those
 * it knew before stay, as old as they are by now, so that no page says that they are gone.
 * @param {Camera[]} cameras @param {Camera[]} before @param {number} elapsedMs Since `before` was received.
 */
export function withReturning(cameras, before, elapsedMs) {
    const names = new Set(cameras.map(({ name }) => name));
    const absent = before.filter(({ name }) => !names.has(name));
    const aged = absent.map((camera) => ({ ...camera, age_ms: camera.age_ms + elapsedMs }));
    return [...cameras, ...aged].sort((a, b) => (a.name < b.name ? -1 : 1));
}
