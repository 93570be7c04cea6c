// SPDX-License-Identifier: MIT
// @ts-check
import { sessionKey } from "./key.js";

/**
 * A fetch with the session's key and a limit of time, which covers the body too. The relay answers what is marked as
 * its own page's without asking the browser for a password. `isKeyless` leaves the key out.
 * @template T
 * @param {string} url @param {Omit<RequestInit, "headers"> & {headers?: Record<string, string>}} options
 * @param {{timeoutMs: number, signal: AbortSignal, isKeyless?: boolean}} limits
 * @param {(response: Response) => Promise<T>} read
 */
export async function request(url, options, { timeoutMs, signal, isKeyless = false }, read) {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, timeoutMs);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    const headers = { "X-Requested-With": "EvRelay", ...(isKeyless ? {} : sessionKey.headers), ...options.headers };
    try {
        return await read(await fetch(url, { cache: "no-store", ...options, headers, signal: controller.signal }));
    } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
    }
}

/**
 * An answer with its JSON, null where it is none (a proxy's error page).
 * @param {Response} response
 */
export async function withJSON(response) {
    const body = await response.json().catch(() => null);
    return { status: response.status, ok: response.ok, headers: response.headers, body };
}

/**
 * The frame of an answer, or the answer that stands in its place.
 * @param {Response} response
 */
export async function withFrameOrJSON(response) {
    if (response.ok) return { frame: await response.blob(), refusal: null };
    return { frame: null, refusal: await withJSON(response) };
}

/**
 * The frame of an answer, null where there is none.
 * @param {Response} response @returns {Promise<Blob | null>}
 */
export async function withFrame(response) {
    return response.ok ? response.blob() : null;
}
