// SPDX-License-Identifier: MIT
// @ts-check
const sprite = new URL("../../icons/icons.svg", import.meta.url).pathname;
const svg = "http://www.w3.org/2000/svg";

/**
 * An element of the shell. A missing one is a mistake in the shell, and says so at once.
 * @template {HTMLElement} T
 * @param {string} id @param {new () => T} type @returns {T}
 */
export function byID(id, type) {
    const element = document.getElementById(id);
    if (!(element instanceof type)) throw new TypeError(`no ${type.name} #${id}`);
    return element;
}

/**
 * A new element; properties are attributes, strings become text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, string>} attributes @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
}

/** @param {string} name A symbol of icons.svg. */
export function icon(name) {
    const picture = document.createElementNS(svg, "svg");
    picture.setAttribute("class", "icon");
    picture.setAttribute("aria-hidden", "true");
    picture.append(document.createElementNS(svg, "use"));
    setIcon(picture, name);
    return picture;
}

/** @param {Element} picture @param {string} name */
export function setIcon(picture, name) {
    const use = picture.querySelector("use");
    const address = `${sprite}#${name}`;
    if (use && use.getAttribute("href") !== address) use.setAttribute("href", address);
}

/**
 * Writes only what differs: a text node that is replaced loses the reader's place.
 * @param {Element} element @param {string} text
 */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/** @param {HTMLElement} button @param {string} label */
export function setLabel(button, label) {
    button.setAttribute("aria-label", label);
    button.title = label;
}
