// SPDX-License-Identifier: MIT
// @ts-check
import en from "../locales/doctor-en.js";
import ru from "../locales/doctor-ru.js";
import { measureEcho, measureReach, measureSocket, measureStream } from "./doctor/measure.js";
import { lookAtBrowser, lookAtDevice, tryCamera } from "./doctor/this-device.js";
import { sessionKey } from "./net/key.js";
import { address, root } from "./net/site.js";
import { wantsKey } from "./state/denial.js";
import { diagnose, summarize, toChange } from "./state/diagnosis.js";
import { report } from "./state/phrases.js";
import { remediesFor } from "./state/remedies.js";
import { CheckList, faces } from "./ui/check-list.js";
import { Chrome } from "./ui/chrome.js";
import { byID, make, setIcon, setText } from "./ui/dom.js";
import { Translator } from "./ui/i18n.js";
import { KeyForm } from "./ui/key-form.js";
import { listenToKeys } from "./ui/keyboard.js";

/** @typedef {import("./state/measurements.js").Measurements} Measurements */

const kibibyte = 1024;

/** The page that measures the visitor's own way to the relay and says what to change. */
class Doctor {
    constructor() {
        this.#words.onChange = () => this.#render();
        this.#list.onCopy = (text) => this.#chrome.copy(text, this.#words.t("doctor.copied"));
        this.#list.remedies = ({ remedy }) => remediesFor(remedy, this.#all.page, this.#all.reach?.info ?? null);
        this.#again.addEventListener("click", () => this.#run());
        this.#report.addEventListener("click", () => this.#copyReport());
        this.#tryCamera.addEventListener("click", () => this.#try());
        sessionKey.addEventListener("change", () => this.#run());
        listenToKeys({
            G: () => location.assign(address("")),
            L: () => this.#words.toggle(),
            T: () => this.#chrome.nextTheme(),
            "?": () => this.#chrome.showKeys(),
        }, new AbortController().signal);
        this.#run();
    }

    /** Measures one thing after the other: two at once would measure each other. */
    async #run() {
        this.#running.abort();
        this.#running = new AbortController();
        const { signal } = this.#running;
        this.#all = freshMeasurements();
        this.#render();
        this.#take(signal, { device: await lookAtDevice(), support: lookAtBrowser() });
        const reach = await measureReach(signal);
        this.#take(signal, { reach });
        /** @type {(() => Promise<Partial<Measurements>>)[]} */
        const steps = [
            async () => ({ small: await measureStream(64, reach.leadMs, signal) }),
            async () => ({ large: await measureStream(16 * kibibyte, reach.leadMs, signal) }),
            async () => ({ socket: await measureSocket(signal) }),
            async () => {
                const small = await measureEcho(kibibyte, signal);
                return { upload: { small, large: await measureEcho(64 * kibibyte, signal) } };
            },
            async () => ({ body: await measureEcho(256 * kibibyte, signal) }),
        ];
        for (const step of steps) {
            if (signal.aborted || !reach.info) return;
            this.#take(signal, await step());
        }
    }

    /** @param {AbortSignal} signal @param {Partial<Measurements>} measured */
    #take(signal, measured) {
        if (signal.aborted) return;
        this.#all = { ...this.#all, ...measured };
        this.#render();
    }

    async #try() {
        const tried = await tryCamera();
        this.#all = { ...this.#all, device: { ...await lookAtDevice(), tried } };
        this.#render();
        const camera = byID("check-camera", HTMLElement);
        this.#chrome.announce(camera.querySelector("p")?.textContent ?? "");
    }

    #render() {
        const words = this.#words;
        this.#chrome.render();
        const findings = diagnose(this.#all);
        const { state, say, count } = summarize(findings);
        this.#list.render(findings);
        byID("summary", HTMLElement).dataset.tone = faces[state].tone;
        setIcon(byID("summary", HTMLElement), faces[state].icon);
        setText(byID("outcome", HTMLElement), words.t(say, { count }));
        this.#jump(state === "checking" ? [] : findings);
        this.#again.disabled = this.#report.disabled = state === "checking";
        this.#tryCamera.hidden = !this.#all.device?.hasCamera;
        setText(this.#tryCamera, words.t("doctor.camera.try"));
        this.#keyForm.show(wantsKey(this.#all.reach?.info?.publishing_reason ?? ""));
        document.title = `${words.t("doctor.title")} · EvRelay`;
    }

    /**
     * Ways to the rows with something to change.
     * @param {import("./state/diagnosis.js").Finding[]} findings
     */
    #jump(findings) {
        const links = toChange(findings).map(({ check }) =>
            make("a", { href: `#check-${check}` }, this.#words.t(`doctor.${check}`)));
        byID("jump", HTMLElement).replaceChildren(...links);
        byID("jump", HTMLElement).hidden = links.length === 0;
    }

    #copyReport() {
        const about = {
            page: this.#all.page, version: this.#all.reach?.info?.version ?? "", browser: navigator.userAgent,
            at: new Date(),
        };
        const text = report(this.#words, diagnose(this.#all), about);
        this.#chrome.copy(text, this.#words.t("doctor.report.copied"));
    }

    #words = Translator.forPage({ en, ru });
    #chrome = new Chrome(this.#words, [
        ["G", "key.wall"], ["L", "key.language"], ["T", "key.theme"], ["?", "key.help"],
    ]);
    #again = byID("again", HTMLButtonElement);
    #report = byID("report", HTMLButtonElement);
    #tryCamera = make("button", { class: "button", type: "button", id: "try-camera" });
    #keyForm = new KeyForm(this.#words);
    #list = new CheckList(byID("checks", HTMLElement), this.#words, {
        camera: this.#tryCamera, publishing: this.#keyForm.element,
    });
    #running = new AbortController();
    #all = freshMeasurements();
}

/** @returns {Measurements} */
function freshMeasurements() {
    const { protocol, host, hostname, origin } = location;
    return { page: { protocol, host, hostname, origin, prefix: root.pathname } };
}

new Doctor();
