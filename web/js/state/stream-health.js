// SPDX-License-Identifier: MIT
// @ts-check

/**
 * An `<img>` says nothing when its stream dies. What can be known: the server's sequence goes on while the picture
 * stays the same. That is also how a still scene looks, so the answer is only "look": the caller compares the picture
 * with a snapshot. A scene that stays still is looked at ever more rarely.
 * @typedef {{sequence: number, changedAt: number, waitMs: number}} StreamHealth
 */
const firstWaitMs = 3000;
const longestWaitMs = 24000;

/** @param {number} now @returns {StreamHealth} */
export function freshHealth(now) {
    return { sequence: -1, changedAt: now, waitMs: firstWaitMs };
}

/**
 * @param {StreamHealth} health @param {{sequence: number, changed: boolean, now: number}} seen
 * @returns {{health: StreamHealth, look: boolean}}
 */
export function judgeStream(health, { sequence, changed, now }) {
    const isFresh = changed || health.sequence < 0;
    if (isFresh) return { health: { ...freshHealth(now), sequence }, look: false };
    if (sequence === health.sequence || now - health.changedAt < health.waitMs) return { health, look: false };
    const waitMs = Math.min(health.waitMs * 2, longestWaitMs);
    return { health: { sequence, changedAt: now, waitMs }, look: true };
}
