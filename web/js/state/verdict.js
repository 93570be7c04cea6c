// SPDX-License-Identifier: MIT
// @ts-check

/** @typedef {"checking" | "fine" | "warning" | "problem" | "unavailable"} State */
/** @typedef {Record<string, string | number>} Values */
/**
 * What one check found: a sentence, its numbers, advice where there is something to change, and the name of the lines
 * (see remedies.js) that change it.
 * @typedef {{state: State, say: string, values: Values, advice: string, remedy: string}} Verdict
 */

/** @param {string} say @param {Values} [values] @returns {Verdict} */
export function fine(say, values = {}) {
    return { state: "fine", say, values, advice: "", remedy: "" };
}

/** @param {string} say @param {Values} values @param {string} advice @param {string} [remedy] @returns {Verdict} */
export function warning(say, values, advice, remedy = "") {
    return { state: "warning", say, values, advice, remedy };
}

/** @param {string} say @param {Values} values @param {string} advice @param {string} [remedy] @returns {Verdict} */
export function problem(say, values, advice, remedy = "") {
    return { state: "problem", say, values, advice, remedy };
}

/**
 * Not a fault: this device, or this visitor, cannot do it.
 * @param {string} say @param {Values} [values] @param {string} [advice] @param {string} [remedy] @returns {Verdict}
 */
export function unavailable(say, values = {}, advice = "", remedy = "") {
    return { state: "unavailable", say, values, advice, remedy };
}
