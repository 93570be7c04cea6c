// SPDX-License-Identifier: MIT
// @ts-check

/**
 * The name under which a key's action is listed: letters by their place, so that they work in any layout.
 * @param {KeyboardEvent} event
 */
export function keyName(event) {
    if (/^Key[A-Z]$/.test(event.code)) return event.code.slice(3);
    if (/^(Digit|Numpad)[1-9]$/.test(event.code)) return event.code.slice(-1);
    return event.key === " " ? "Space" : event.key;
}

/**
 * One action per key. Keys are left alone while somebody types, holds a modifier or has a dialog open.
 * @param {Record<string, (key: string) => void>} actions "digit" stands for 1 to 9
 * @param {AbortSignal} signal
 */
export function listenToKeys(actions, signal) {
    addEventListener("keydown", (event) => {
        const target = /** @type {Element} */ (event.target);
        if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
        if (target.closest("input, select, textarea, dialog")) return;
        const key = keyName(event);
        // A focused button or link keeps its own meaning of Space.
        if (key === "Space" && target.closest("button, a")) return;
        const action = actions[key] ?? (/^[1-9]$/.test(key) ? actions.digit : undefined);
        if (!action) return;
        event.preventDefault();
        action(key);
    }, { signal });
}
