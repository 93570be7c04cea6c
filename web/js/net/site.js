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

/**
 * Where this page lies over HTTPS: below the address that the relay tells, else at the usual port of the same host.
 * @param {string | null | undefined} told @param {Pick<Location, "hostname" | "pathname" | "search">} here
 */
export function overHTTPS(told, { hostname, pathname, search }) {
    if (!told?.startsWith("https://")) return `https://${hostname}${pathname}${search}`;
    return new URL(pathname.slice(root.pathname.length) + search, told.endsWith("/") ? told : `${told}/`).href;
}

/** @param {string} path Relative to the site. */
export function address(path) {
    return new URL(path, root).href;
}
