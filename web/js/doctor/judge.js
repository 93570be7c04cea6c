// SPDX-License-Identifier: MIT
// @ts-check
import { Pause } from "../net/pause.js";
import { request, withJSON } from "../net/request.js";
import { address } from "../net/site.js";

/** @typedef {import("../state/doctor-state.js").Answer} Answer */
/** @typedef {import("../state/doctor-state.js").Measurements} Measurements */

const answerMs = 5000;
const attempts = 3;
const pauseMs = 1000;

/**
 * Has the relay judge what was measured: its findings, or the status of what came in their place (0 for nothing). A
 * relay with many doctors at once is asked again.
 * @param {Measurements} measured @param {string} language @param {AbortSignal} signal
 * @returns {Promise<{answer: Answer | null, status: number}>}
 */
export async function judge(measured, language, signal) {
    const pause = new Pause(signal);
    for (let attempt = 1; ; attempt += 1) {
        const { status, body } = await ask(measured, language, signal);
        if (status === 200 && Array.isArray(body?.checks)) return { answer: body, status };
        if (status !== 503 || attempt === attempts || signal.aborted) return { answer: null, status };
        await pause.wait(pauseMs);
    }
}

/** @param {Measurements} measured @param {string} language @param {AbortSignal} signal */
async function ask(measured, language, signal) {
    const options = {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(measured),
    };
    const limits = { timeoutMs: answerMs, signal, isKeyless: true };
    const nothing = { status: 0, body: null };
    return request(address(`doctor/findings?lang=${language}`), options, limits, withJSON).catch(() => nothing);
}
