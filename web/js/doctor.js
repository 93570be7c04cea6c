// SPDX-License-Identifier: MIT
// @ts-check
import en from "../locales/doctor-en.js";
import ru from "../locales/doctor-ru.js";
import { judge } from "./doctor/judge.js";
import { measureEcho, measureReach, measureSocket, measureStream } from "./doctor/measure.js";
import { lookAtBrowser, lookAtDevice, tryCamera } from "./doctor/this-device.js";
import { sessionKey } from "./net/key.js";
import { address, root } from "./net/site.js";
import { wantsKey } from "./state/denial.js";
import { describeDoctor, reduceDoctor, report, startDoctor, toChange } from "./state/doctor-state.js";
import { CheckList, faces } from "./ui/check-list.js";
import { Chrome } from "./ui/chrome.js";
import { byID, make, setIcon, setText } from "./ui/dom.js";
import { Translator } from "./ui/i18n.js";
import { KeyForm } from "./ui/key-form.js";
import { listenToKeys } from "./ui/keyboard.js";

/** @typedef {import("./state/doctor-state.js").DoctorEvent} DoctorEvent */
/** @typedef {import("./state/doctor-state.js").Measurements} Measurements */

const kibibyte = 1024;
const siteURL = `${location.origin}${root.pathname}`;

/** The page that measures the visitor's own way to the relay, and has the relay say what to change. */
class Doctor {
    constructor() {
        this.#words.onChange = () => this.#speak();
        this.#list.onCopy = (text) => this.#chrome.copy(text, this.#words.t("doctor.copied"));
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
        this.#take({ type: "started", url: siteURL });
        const isHeard = await this.#judge(signal, { device: await lookAtDevice(), browser: lookAtBrowser() });
        const reach = await measureReach(signal);
        // Who answers neither this nor that is not asked once more.
        if (reach.status === 0 && !isHeard) return this.#end(signal, false);
        /** @type {(() => Promise<Partial<Measurements>>)[]} */
        const steps = [
            async () => ({ small: await measureStream(64, signal) }),
            async () => ({ large: await measureStream(16 * kibibyte, signal) }),
            async () => ({ socket: await measureSocket(signal) }),
            async () => ({
                small_upload: await measureEcho(kibibyte, signal),
                large_upload: await measureEcho(64 * kibibyte, signal),
            }),
            async () => ({ body: await measureEcho(256 * kibibyte, signal) }),
        ];
        let isJudged = await this.#judge(signal, { reach });
        for (const step of reach.info ? steps : []) {
            if (signal.aborted) return;
            isJudged = await this.#judge(signal, await step());
        }
        this.#end(signal, isJudged);
    }

    /**
     * Has the relay judge everything that is measured by now. A relay that does not answer in between may do so later.
     * @param {AbortSignal} signal @param {Partial<Measurements>} part
     */
    async #judge(signal, part = {}) {
        if (signal.aborted) return false;
        this.#take({ type: "measured", part });
        const number = this.#asked += 1;
        const { answer, status } = await judge(this.#state.measured, this.#words.language, signal);
        if (signal.aborted || number !== this.#asked) return !signal.aborted;
        this.#lastStatus = status;
        if (answer) this.#take({ type: "answered", answer });
        return answer !== null;
    }

    /** @param {AbortSignal} signal @param {boolean} isJudged False if the last answer was not the relay's. */
    #end(signal, isJudged) {
        if (signal.aborted) return;
        this.#take(isJudged ? { type: "finished" } : { type: "lost", status: this.#lastStatus });
    }

    /** @param {DoctorEvent} event */
    #take(event) {
        this.#state = reduceDoctor(this.#state, event);
        this.#render();
    }

    /** Findings have the relay's words: another language is asked for. */
    #speak() {
        this.#render();
        if (this.#state.answer && this.#state.lost === null) this.#judge(this.#running.signal);
    }

    async #try() {
        const trial = await tryCamera();
        await this.#judge(this.#running.signal, { device: { ...await lookAtDevice(), trial } });
        const camera = byID("check-camera", HTMLElement);
        this.#chrome.announce(camera.querySelector("p")?.textContent ?? "");
    }

    #render() {
        const words = this.#words;
        this.#chrome.render();
        const { rows, look, outcome } = describeDoctor(this.#state, words);
        const { device, reach } = this.#state.measured;
        this.#list.render(rows);
        byID("summary", HTMLElement).dataset.tone = faces[look].tone;
        setIcon(byID("summary", HTMLElement), faces[look].icon);
        setText(byID("outcome", HTMLElement), outcome);
        this.#jump(look === "checking" ? [] : rows);
        this.#again.disabled = this.#report.disabled = look === "checking";
        this.#tryCamera.hidden = !device?.has_camera || this.#state.lost !== null;
        setText(this.#tryCamera, words.t("doctor.camera.try"));
        this.#keyForm.show(wantsKey(reach?.info?.publishing_reason ?? ""));
        document.title = `${words.t("doctor.title")} · EvRelay`;
    }

    /**
     * Ways to the rows with something to change.
     * @param {import("./state/doctor-state.js").Row[]} rows
     */
    #jump(rows) {
        const links = toChange(rows).map(({ check, title }) => make("a", { href: `#check-${check}` }, title));
        byID("jump", HTMLElement).replaceChildren(...links);
        byID("jump", HTMLElement).hidden = links.length === 0;
    }

    #copyReport() {
        const text = report(this.#words, this.#state, { browser: navigator.userAgent, at: new Date() });
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
    #asked = 0;
    #lastStatus = 0;
    #state = startDoctor(siteURL);
}

new Doctor();
