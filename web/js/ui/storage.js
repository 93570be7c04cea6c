// SPDX-License-Identifier: MIT
// @ts-check

/**
 * What this browser kept under `key`, or null: also where storage is forbidden.
 * @param {string} key
 */
export function recall(key) {
    try {
        return localStorage.getItem(`evrelay.${key}`);
    } catch {
        return null;
    }
}

/** @param {string} key @param {string} value */
export function remember(key, value) {
    try {
        localStorage.setItem(`evrelay.${key}`, value);
    } catch {
        // A private window may refuse: the choice then lasts as long as the page.
    }
}
