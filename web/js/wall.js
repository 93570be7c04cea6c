// SPDX-License-Identifier: MIT
// @ts-check
import { sessionKey } from "./net/key.js";
import { request, withFrameOrJSON } from "./net/request.js";
import { address } from "./net/site.js";
import { SnapshotPull } from "./net/snapshot-pull.js";
import { StatusWatch } from "./net/status-watch.js";
import { denialIn } from "./state/denial.js";
import { AccessPanel } from "./ui/access-panel.js";
import { Chip } from "./ui/chip.js";
import { Chrome } from "./ui/chrome.js";
import { byID, make, setText } from "./ui/dom.js";
import { Translator } from "./ui/i18n.js";
import { listenToKeys } from "./ui/keyboard.js";
import { LivePicture } from "./ui/live-picture.js";
import { Tile } from "./ui/tile.js";

/** @typedef {import("./state/denial.js").Denial} Denial */
/** @typedef {import("./state/viewer-state.js").Camera} Camera */

const tileIntervalMs = 350;
const idleIntervalMs = 1000;

/** The wall: every camera at a low rate over few connections; a single camera large and live. */
class Wall {
    constructor() {
        this.#words.onChange = () => this.#render();
        byID("copy", HTMLElement).addEventListener("click", () => this.#chrome.copy(commandLine()));
        this.#watch = new StatusWatch({
            intervalMs: idleIntervalMs,
            onList: ({ cameras }) => this.#show(cameras),
            onLost: (retryAt) => this.#lost(retryAt),
            onDenied: (denial) => this.#deny(denial),
        });
        this.#access.onRetry = () => this.#retry();
        sessionKey.addEventListener("change", () => this.#retry());
        listenToKeys({
            digit: (key) => this.#open(Number(key) - 1),
            L: () => this.#words.toggle(),
            T: () => this.#chrome.nextTheme(),
            "?": () => this.#chrome.showKeys(),
        }, this.#closing.signal);
        setInterval(() => this.#renderOften(), 1000);
        this.#render();
    }

    /** @param {Camera[]} cameras */
    #show(cameras) {
        this.#retryAt = 0;
        this.#denial = null;
        this.#cameras = cameras;
        const isGrid = cameras.length > 1;
        this.#showSingle(cameras.length === 1 ? cameras[0].name : null);
        this.#showTiles(isGrid ? cameras : []);
        this.#watch.poller.intervalMs = isGrid ? tileIntervalMs : idleIntervalMs;
        this.#render();
    }

    /** @param {string | null} name */
    #showSingle(name) {
        if (this.#single && this.#single.name !== name) {
            this.#single.close();
            this.#single = null;
        }
        if (!name || this.#single) return;
        this.#single = new LivePicture(byID("single-stage", HTMLElement), name, this.#words);
        this.#single.onChange = ({ face }) => this.#singleChip.show(face);
        const link = byID("single-link", HTMLAnchorElement);
        link.href = address(`watch/${name}`);
        link.replaceChildren(make("span", { class: "tile-name" }, name), this.#singleChip.element);
    }

    /** @param {Camera[]} cameras */
    #showTiles(cameras) {
        const names = new Set(cameras.map(({ name }) => name));
        for (const [name, tile] of this.#tiles) {
            if (names.has(name)) continue;
            this.#observer.unobserve(tile.element);
            this.#pull.forget(name);
            tile.element.remove();
            this.#tiles.delete(name);
        }
        for (const camera of cameras) {
            const tile = this.#tiles.get(camera.name) ?? this.#add(camera.name);
            tile.take({ type: "status", camera, at: Date.now() });
            if (tile.wantsFrames) this.#pull.want(tile.name, tile.sequence);
        }
        const order = [...this.#tiles.values()].sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
        order.forEach(({ element }, place) => {
            const there = this.#grid.children[place];
            if (there !== element) this.#grid.insertBefore(element, there);
        });
    }

    /** @param {string} name */
    #add(name) {
        const tile = new Tile(name, this.#words);
        this.#tiles.set(name, tile);
        this.#grid.append(tile.element);
        this.#observer.observe(tile.element);
        return tile;
    }

    /** @param {string} name @param {number} sequence */
    async #load(name, sequence) {
        if (this.#denial) return;
        const limits = { timeoutMs: 10_000, signal: this.#closing.signal };
        const path = address(`snapshot/${name}.jpg?sequence=${sequence}`);
        const key = sessionKey.value;
        const { frame, refusal } = await request(path, {}, limits, withFrameOrJSON);
        const tile = this.#tiles.get(name);
        if (frame) return tile?.paint(frame);
        const denial = denialIn(refusal, Date.now());
        if (!denial || key !== sessionKey.value) return;
        // Who may observe a camera need not be allowed to see it. Any other denial holds for all of them.
        if (denial.reason === "right-missing") tile?.take({ type: "denied", denial });
        else if (!this.#denial) this.#watch.deny(denial);
    }

    /** @param {Denial} denial */
    #deny(denial) {
        this.#denial = denial;
        this.#cameras = null;
        this.#retryAt = 0;
        this.#showSingle(null);
        this.#showTiles([]);
        this.#render();
    }

    #retry() {
        this.#tiles.forEach((tile) => tile.take({ type: "retried" }));
        this.#watch.retry();
        this.#render();
    }

    /** @param {number} retryAt */
    #lost(retryAt) {
        this.#retryAt = retryAt;
        for (const tile of this.#tiles.values()) tile.take({ type: "lost", retryAt });
        this.#render();
    }

    #render() {
        this.#chrome.render();
        const words = this.#words;
        /** @type {Map<string, number>} */
        const counts = new Map();
        for (const { state } of this.#cameras ?? []) counts.set(state, (counts.get(state) ?? 0) + 1);
        const parts = ["live", "stale", "offline"].filter((state) => counts.has(state))
            .map((state) => words.t(`wall.${state}`, { count: counts.get(state) ?? 0 }));
        const count = this.#retryAt > 0 ? words.t("chip.reconnecting") : parts.join(", ");
        setText(byID("count", HTMLElement), count);
        const said = this.#access.show(this.#denial) || count;
        if (said !== this.#announced) this.#chrome.announce(this.#announced = said);
        this.#renderEmpty();
        byID("single", HTMLElement).hidden = !this.#single;
        this.#grid.hidden = this.#tiles.size === 0;
        this.#single?.render();
        this.#renderOften();
        document.title = `${words.t("wall.title")} · EvRelay`;
    }

    /** What changes with the time alone. */
    #renderOften() {
        this.#tiles.forEach((tile) => tile.render());
        if (this.#denial) this.#access.show(this.#denial);
    }

    #renderEmpty() {
        byID("empty", HTMLElement).hidden = this.#cameras?.length !== 0;
        const isKeyed = sessionKey.value !== "";
        setText(byID("empty-text", HTMLElement), this.#words.t(isKeyed ? "wall.empty.keyed" : "wall.empty.text"));
        const line = commandLine();
        const place = byID("ffmpeg", HTMLElement);
        if (place.textContent?.trim() === line) return;
        place.replaceChildren(...line.split(" ").flatMap((word) => [make("span", {}, word), " "]));
    }

    /** @param {number} place */
    #open(place) {
        const target = this.#single ? [byID("single-link", HTMLAnchorElement)] : [...this.#grid.querySelectorAll("a")];
        target[place]?.click();
    }

    #words = Translator.forPage();
    #access = new AccessPanel(byID("access", HTMLElement), this.#words);
    /** @type {Denial | null} */
    #denial = null;
    #chrome = new Chrome(this.#words, [
        ["1 – 9", "key.tile"], ["L", "key.language"], ["T", "key.theme"], ["?", "key.help"],
    ]);
    #grid = byID("grid", HTMLElement);
    #closing = new AbortController();
    #watch;
    #pull = new SnapshotPull({ limit: 3, load: (name, sequence) => this.#load(name, sequence) });
    /** @type {Map<string, Tile>} */
    #tiles = new Map();
    /** @type {Camera[] | null} */
    #cameras = null;
    /** @type {LivePicture | null} */
    #single = null;
    #singleChip = new Chip();
    #retryAt = 0;
    #announced = "";
    #observer = new IntersectionObserver((entries) => {
        for (const entry of entries) {
            const tile = [...this.#tiles.values()].find(({ element }) => element === entry.target);
            if (!tile) continue;
            tile.isVisible = entry.isIntersecting;
            if (tile.wantsFrames) this.#pull.want(tile.name, tile.sequence);
        }
    }, { rootMargin: "64px" });
}

/** A test picture by ffmpeg. Where a key is needed its place is shown, never this tab's own. */
function commandLine() {
    const upload = address("upload");
    return "ffmpeg -re -f lavfi -i testsrc2=size=640x480:rate=10 -c:v mjpeg -f mpjpeg -method POST "
        + (sessionKey.value === "" ? upload : `'${upload}?key=KEY'`);
}

new Wall();
