// SPDX-License-Identifier: MIT
// @ts-check

/**
 * A fetch with a limit of time, which covers the body too.
 * @template T
 * @param {string} url @param {RequestInit} options @param {{timeoutMs: number, signal: AbortSignal}} limits
 * @param {(response: Response) => Promise<T>} read
 */
export async function request(url, options, { timeoutMs, signal }, read) {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, timeoutMs);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    try {
        return await read(await fetch(url, { cache: "no-store", ...options, signal: controller.signal }));
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
 * The frame of an answer, null where there is none.
 * @param {Response} response @returns {Promise<Blob | null>}
 */
export async function withFrame(response) {
    return response.ok ? response.blob() : null;
}
