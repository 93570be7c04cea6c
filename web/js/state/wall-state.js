// SPDX-License-Identifier: MIT
// @ts-check

/** @typedef {import("./denial.js").Denial} Denial */
/** @typedef {import("./viewer-state.js").Camera} Camera */
/**
 * The latest list of cameras, null before the first one and after a denial. `retryAt` is when the server is asked again
 * (0: it answers); Unix milliseconds.
 * @typedef {{cameras: Camera[] | null, retryAt: number, denial: Denial | null}} WallState
 */
/**
 * @typedef {{type: "listed", cameras: Camera[]} | {type: "lost", retryAt: number} |
 *   {type: "denied", denial: Denial}} WallEvent
 */

/** @type {WallState} */
export const wallUnknown = { cameras: null, retryAt: 0, denial: null };

/** @param {WallState} state @param {WallEvent} event @returns {WallState} */
export function reduceWall(state, event) {
    switch (event.type) {
        case "listed":
            return { ...wallUnknown, cameras: event.cameras };
        case "lost":
            return { ...state, retryAt: event.retryAt };
        case "denied":
            return { ...wallUnknown, denial: event.denial };
    }
}

/**
 * What is on the wall: one camera large and live, or several as tiles.
 * @param {WallState} state @returns {{single: string | null, tiles: Camera[], isEmpty: boolean}}
 */
export function wallLayout({ cameras }) {
    const isGrid = cameras !== null && cameras.length > 1;
    return {
        single: cameras?.length === 1 ? cameras[0].name : null,
        tiles: isGrid ? cameras : [],
        isEmpty: cameras?.length === 0,
    };
}

/**
 * How many cameras there are of each state, or that the server is lost.
 * @param {WallState} state @param {import("../ui/i18n.js").Translator} words
 */
export function describeWall({ cameras, retryAt }, words) {
    if (retryAt > 0) return words.t("chip.reconnecting");
    const count = (/** @type {string} */ wanted) => (cameras ?? []).filter(({ state }) => state === wanted).length;
    return ["live", "stale", "offline"].filter((state) => count(state) > 0)
        .map((state) => words.t(`wall.${state}`, { count: count(state) })).join(", ");
}
