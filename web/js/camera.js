// SPDX-License-Identifier: MIT
// @ts-check
import { Capture } from "./media/capture.js";
import { lowered, readSettings } from "./media/settings.js";
import { WakeLock } from "./media/wake-lock.js";
import { sessionKey } from "./net/key.js";
import { RateMeter } from "./net/pace.js";
import { newPublisherID } from "./net/publisher.js";
import { request, withJSON } from "./net/request.js";
import { address } from "./net/site.js";
import { Uploader } from "./net/uploader.js";
import { cameraPhase, cameraReady, isRefusedForGood, isRunning, reduceCamera } from "./state/camera-state.js";
import { isDenial } from "./state/denial.js";
import { CameraView } from "./ui/camera-view.js";
import { Chrome } from "./ui/chrome.js";
import { byID } from "./ui/dom.js";
import { Translator } from "./ui/i18n.js";
import { listenToKeys } from "./ui/keyboard.js";
import { SettingsSheet } from "./ui/settings-sheet.js";
import { recall, remember } from "./ui/storage.js";

/** @typedef {import("./state/camera-state.js").CameraEvent} CameraEvent */
/** @typedef {import("./media/settings.js").Settings} Settings */

/** Which camera a key is for, and how long there is to wait, only an upload is told. */
const laterReasons = ["right-missing", "too-many-wrong-keys"];

/** The page that sends this device's camera. */
class CameraPage {
    constructor() {
        this.#words.onChange = () => this.#render();
        this.#view.onAction = (action) => this.#act(action);
        this.#capture.onInterrupted = (interrupted) => this.#dispatch({ type: "interrupted", interrupted });
        this.#wakeLock.onChange = (isHeld) => {
            this.#isAwake = isHeld;
            this.#render();
        };
        byID("start", HTMLElement).addEventListener("click", () => this.#toggle());
        byID("settings", HTMLElement).addEventListener("click", () => this.#sheet.open(this.#settings));
        this.#sheet.onChange = (settings) => this.#change(settings);
        byID("share", HTMLElement).addEventListener("click", () => this.#share());
        byID("flip", HTMLElement).addEventListener("click", () => this.#flip());
        byID("flip", HTMLElement).hidden = !matchMedia("(pointer: coarse)").matches;
        document.addEventListener("visibilitychange", () => {
            this.#dispatch({ type: "hidden", hidden: document.hidden });
        });
        listenToKeys({
            Space: () => this.#toggle(),
            G: () => location.assign(address("")),
            L: () => this.#words.toggle(),
            T: () => this.#chrome.nextTheme(),
            "?": () => this.#chrome.showKeys(),
        }, new AbortController().signal);
        sessionKey.addEventListener("change", () => this.#tryKey());
        setInterval(() => (isRunning(this.#state) || this.#state.retryAt > 0) && this.#render(), 500);
        if (navigator.mediaDevices) this.#render();
        else this.#dispatch({ type: "insecure" });
        this.#ask();
    }

    /** What the relay says before anybody presses anything: whether this page may send, and where HTTPS is. */
    async #ask() {
        const limits = { timeoutMs: 10_000, signal: new AbortController().signal };
        const { body } = await request(address("doctor/info"), {}, limits, withJSON).catch(() => ({ body: null }));
        this.#view.httpsURL = body?.https_url;
        const reason = body?.publishing_reason ?? "";
        if (this.#state.media === "ready" && isDenial(reason) && !laterReasons.includes(reason)) {
            this.#dispatch({ type: "refused", reason, status: 0, message: "", retryAt: 0 });
        } else {
            this.#render();
        }
    }

    /** Another key: what was denied is tried again, what runs goes on with it. */
    #tryKey() {
        if (cameraPhase(this.#state) !== "locked") return;
        const wasSending = this.#state.media === "on";
        this.#stop();
        if (wasSending) this.#start();
        else this.#ask();
    }

    #toggle() {
        if (isRunning(this.#state)) this.#stop();
        else this.#start();
    }

    async #start() {
        if (!navigator.mediaDevices) return;
        this.#stop();
        this.#dispatch({ type: "asking" });
        try {
            if (!(await this.#capture.open(this.#settings))) return;
        } catch (error) {
            return this.#dispatch({ type: "failed", error: error instanceof Error ? error.name : "" });
        }
        this.#dispatch({ type: "opened" });
        this.#wakeLock.hold();
        this.#upload();
    }

    #stop() {
        this.#uploader?.close();
        this.#uploader = null;
        this.#capture.close();
        this.#wakeLock.release();
        this.#meter.reset();
        this.#dispatch({ type: "stopped" });
    }

    #upload() {
        this.#uploader?.close();
        this.#uploader = new Uploader({
            url: address(`upload/${this.#settings.name}`),
            publisherID: () => this.#publisherID,
            framesPerSecond: () => this.#settings.framesPerSecond,
            grab: () => this.#capture.grab(this.#settings),
            onEvent: (event) => this.#dispatch(event),
            onSent: (bytes) => this.#meter.add(bytes, performance.now()),
        });
    }

    /** @param {CameraEvent} event */
    #dispatch(event) {
        this.#state = reduceCamera(this.#state, event);
        if (event.type === "refused") {
            // For good: the camera's light goes out, the reason stays on the page.
            const isForGood = isRefusedForGood(this.#state);
            if (isForGood) this.#capture.close();
            if (isForGood || cameraPhase(this.#state) === "taken-over") this.#wakeLock.release();
        }
        this.#render();
    }

    #render() {
        this.#chrome.render();
        const sent = { ...this.#meter.read(performance.now()), ...this.#capture.size };
        this.#view.render(this.#state, this.#settings.name, sent, this.#isAwake);
    }

    /** @param {import("./ui/camera-view.js").CameraAction} action */
    #act(action) {
        if (action === "start") this.#start();
        if (action === "retry") this.#uploader?.retryNow();
        if (action === "takeBack") {
            this.#publisherID = newPublisherID();
            this.#dispatch({ type: "retrying" });
            this.#wakeLock.hold();
            this.#upload();
        }
        if (action === "allow") this.#chrome.toast(this.#words.t("camera.allow.text"));
        if (action === "lower") {
            const settings = lowered(this.#settings);
            if (settings) this.#change(settings);
            if (!isRunning(this.#state)) this.#start();
        }
    }

    /**
     * Takes new settings while sending goes on; only another device interrupts it.
     * @param {Settings} settings
     */
    #change(settings) {
        const before = this.#settings;
        this.#settings = settings;
        remember("camera", JSON.stringify(settings));
        if (isRunning(this.#state)) {
            if (settings.device !== before.device || settings.size > before.size) this.#start();
            else if (settings.name !== before.name) this.#upload();
        }
        this.#render();
    }

    #flip() {
        const isFront = (this.#capture.facing || this.#settings.device).endsWith("user");
        this.#change({ ...this.#settings, device: isFront ? "facing:environment" : "facing:user" });
    }

    async #share() {
        const url = address(`watch/${this.#settings.name}`);
        if (!navigator.share) return this.#chrome.copy(url);
        await navigator.share({ title: this.#settings.name, url }).catch(() => {});
    }

    #words = Translator.forPage();
    #chrome = new Chrome(this.#words, [
        ["Space", "key.start"], ["G", "key.wall"], ["L", "key.language"], ["T", "key.theme"], ["?", "key.help"],
    ]);
    #view = new CameraView(this.#words, this.#chrome);
    #sheet = new SettingsSheet(this.#words);
    #capture = new Capture(byID("preview", HTMLVideoElement));
    #wakeLock = new WakeLock();
    #meter = new RateMeter();
    #settings = readSettings(recall("camera"), new URLSearchParams(location.search).get("camera"));
    #state = cameraReady;
    #isAwake = true;
    #publisherID = newPublisherID();
    /** @type {Uploader | null} */
    #uploader = null;
}

new CameraPage();
