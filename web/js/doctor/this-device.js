// SPDX-License-Identifier: MIT
// @ts-check

/**
 * `trial` is empty before the camera was tried, "works" or the name of getUserMedia's error after.
 * @typedef {{is_secure: boolean, has_camera: boolean, permission: string, trial: string}} Device
 */

const permissions = ["granted", "prompt", "denied"];

/**
 * Whether the page is secure, whether there is a camera, and whether it may be used. Asks nobody.
 * @returns {Promise<Device>}
 */
export async function lookAtDevice() {
    const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
    const name = /** @type {PermissionName} */ ("camera");
    // Not every browser knows this permission's name.
    const status = await navigator.permissions?.query({ name }).catch(() => null);
    return {
        is_secure: isSecureContext,
        has_camera: devices.some(({ kind }) => kind === "videoinput"),
        permission: permissions.find((permission) => permission === status?.state) ?? "unknown",
        trial: "",
    };
}

/** Switches the camera on, which asks for permission where that is open, and off at once. */
export async function tryCamera() {
    try {
        const stream = await navigator.mediaDevices.getUserMedia({ video: true });
        for (const track of stream.getTracks()) track.stop();
        return "works";
    } catch (error) {
        return error instanceof DOMException ? error.name : "AbortError";
    }
}

/** What the pages cannot do without, and the screen that should stay on while a camera sends. */
export function lookAtBrowser() {
    const needs = {
        "fetch streams": typeof ReadableStream === "function" && "body" in Response.prototype,
        createImageBitmap: typeof createImageBitmap === "function",
        IntersectionObserver: typeof IntersectionObserver === "function",
        WebSocket: typeof WebSocket === "function",
    };
    return {
        lacks: Object.entries(needs).filter(([, isThere]) => !isThere).map(([need]) => need),
        // Browsers hide it from insecure pages; that they are insecure is said elsewhere.
        stays_awake: !isSecureContext || "wakeLock" in navigator,
    };
}
