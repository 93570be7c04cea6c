// SPDX-License-Identifier: MIT
// @ts-check

/** The site's own address, however deep the page lies and whatever a proxy put before it. */
export const root = new URL("../../", import.meta.url);

const cameraName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

/** @param {string | null | undefined} name */
export function isCameraName(name) {
    return cameraName.test(name ?? "");
}

/**
 * The camera of a viewer page's address, `default` where none is named.
 * @param {string} pathname
 */
export function cameraFromPath(pathname) {
    const [, name] = /\/(?:watch|stream)\/([^/]+)\/?$/.exec(pathname) ?? [];
    return name && isCameraName(name) ? name : "default";
}

/** @param {string} path Relative to the site. */
export function address(path) {
    return new URL(path, root).href;
}
