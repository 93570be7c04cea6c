// SPDX-License-Identifier: MIT
// @ts-check
import { readSettings } from "../media/settings.js";
import { byID, make } from "./dom.js";

/** @typedef {import("../media/settings.js").Settings} Settings */

/** The settings of the camera page; every valid change is handed over at once. */
export class SettingsSheet {
    /** @type {(settings: Settings) => void} */
    onChange = () => {};

    /** @param {import("./i18n.js").Translator} words */
    constructor(words) {
        this.#words = words;
        this.#form.addEventListener("change", () => {
            if (!this.#form.checkValidity()) return;
            const filled = JSON.stringify(Object.fromEntries(new FormData(this.#form)));
            this.onChange(readSettings(filled, null));
        });
        this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
    }

    /** @param {Settings} settings */
    async open(settings) {
        await this.#listDevices(settings.device);
        for (const [name, value] of Object.entries(settings)) {
            const field = this.#form.elements.namedItem(name);
            if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = String(value);
        }
        if (this.#devices.selectedIndex < 0) this.#devices.selectedIndex = 0;
        this.#dialog.showModal();
    }

    /**
     * The sides of a phone first, then every camera by the name it gives.
     * @param {string} chosen
     */
    async #listDevices(chosen) {
        const all = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
        // Before the first permission devices have neither name nor identity.
        const cameras = all.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId !== "");
        const hasSides = matchMedia("(pointer: coarse)").matches || chosen.startsWith("facing:");
        const sides = [["facing:environment", "camera.device.back"], ["facing:user", "camera.device.front"]];
        this.#devices.replaceChildren(
            make("option", { value: "" }, this.#words.t("camera.device.any")),
            ...(hasSides ? sides : []).map(([value, key]) => make("option", { value }, this.#words.t(key))),
            ...cameras.map(({ deviceId, label }) => make("option", { value: `device:${deviceId}` }, label)));
    }

    #words;
    #dialog = byID("sheet", HTMLDialogElement);
    #form = /** @type {HTMLFormElement} */ (this.#dialog.querySelector("form"));
    #devices = /** @type {HTMLSelectElement} */ (this.#form.elements.namedItem("device"));
}
