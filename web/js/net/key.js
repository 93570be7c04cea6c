// SPDX-License-Identifier: MIT
// @ts-check
const stored = "evrelay.key";

/** @param {string} text */
function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

/** @param {string} text A query or a fragment without its first character. */
function cut(text) {
    const parts = text.split("&");
    const found = parts.find((part) => part.startsWith("key="));
    return {
        key: found === undefined ? null : decoded(found.slice(4)),
        rest: parts.filter((part) => !part.startsWith("key=")).join("&"),
    };
}

/**
 * An address without its key, and the key: the fragment's before the query's, null where there is none. All else in the
 * address stays as it is.
 * @param {string} href
 */
export function cutKey(href) {
    const address = new URL(href);
    const query = cut(address.search.slice(1));
    const fragment = cut(address.hash.slice(1));
    const key = fragment.key ?? query.key;
    if (key === null) return { key, address: href };
    address.search = query.rest;
    address.hash = fragment.rest;
    return { key, address: address.href };
}

/**
 * The key in what somebody pasted, a whole link or the key alone; empty where it can be neither.
 * @param {string} text
 */
export function keyFrom(text) {
    const trimmed = text.trim();
    const [, inLink] = /[#?&]key=([^&#\s]+)/.exec(trimmed) ?? [];
    const key = inLink === undefined ? trimmed : decoded(inLink);
    return /^[A-Za-z0-9_~.-]{1,4096}$/.test(key) ? key : "";
}

/**
 * The key or token that this tab's requests carry, empty without one. It comes in an address, leaves the address bar at
 * once, and lasts as long as the tab: links between the pages need none. `change` is dispatched whenever one is given,
 * also the same again: somebody wants it tried.
 */
export class SessionKey extends EventTarget {
    /** @param {Pick<typeof globalThis, "location" | "history" | "sessionStorage" | "addEventListener">} page */
    constructor(page) {
        super();
        this.#page = page;
        // Modules are also loaded where there is no page: in the tests.
        if (!page.location) return;
        this.#value = this.#read();
        this.#take();
        page.addEventListener("hashchange", () => this.#take());
        // A page out of the back-forward cache may be older than the tab's key.
        page.addEventListener("pageshow", ({ persisted }) => {
            if (persisted && this.#read() !== this.#value) this.#set(this.#read());
        });
    }

    get value() {
        return this.#value;
    }

    /** @param {string} key */
    keep(key) {
        try {
            if (key === "") this.#page.sessionStorage.removeItem(stored);
            else this.#page.sessionStorage.setItem(stored, key);
        } catch {
            // Where storage is forbidden, the key lasts as long as the page.
        }
        this.#set(key);
    }

    /**
     * What proves it in a request made by a script. Escaped, because a key that is none must be refused by the server
     * and not by the browser.
     * @returns {Record<string, string>}
     */
    get headers() {
        return this.#value === "" ? {} : { Authorization: `Bearer ${encodeURIComponent(this.#value)}` };
    }

    /**
     * The same for images and WebSockets, which can send no header.
     * @param {string} address
     */
    in(address) {
        if (this.#value === "") return address;
        return `${address}${address.includes("?") ? "&" : "?"}key=${encodeURIComponent(this.#value)}`;
    }

    #take() {
        const { key, address } = cutKey(this.#page.location.href);
        if (key === null) return;
        this.#page.history.replaceState(this.#page.history.state, "", address);
        this.keep(key);
    }

    #read() {
        try {
            return this.#page.sessionStorage.getItem(stored) ?? "";
        } catch {
            return this.#value;
        }
    }

    /** @param {string} key */
    #set(key) {
        this.#value = key;
        this.dispatchEvent(new Event("change"));
    }

    #page;
    #value = "";
}

/** This page's. */
export const sessionKey = new SessionKey(globalThis);
