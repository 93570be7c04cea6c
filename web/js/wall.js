// SPDX-License-Identifier: MIT
// @ts-check
import { request, withFrame } from "./net/request.js";
import { address } from "./net/site.js";
import { SnapshotPull } from "./net/snapshot-pull.js";
import { StatusWatch } from "./net/status-watch.js";
import { Chip } from "./ui/chip.js";
import { Chrome } from "./ui/chrome.js";
import { byID, make, setText } from "./ui/dom.js";
import { Translator } from "./ui/i18n.js";
import { listenToKeys } from "./ui/keyboard.js";
import { LivePicture } from "./ui/live-picture.js";
import { Tile } from "./ui/tile.js";

/** @typedef {import("./state/viewer-state.js").Camera} Camera */

const tileIntervalMs = 350;
const idleIntervalMs = 1000;

/** The wall: every camera at a low rate over few connections; a single camera large and live. */
class Wall {
    constructor() {
        this.#words.onChange = () => this.#render();
        const command = "ffmpeg -re -f lavfi -i testsrc2=size=640x480:rate=10 "
            + `-c:v mjpeg -f mpjpeg -method POST ${address("upload")}`;
        byID("ffmpeg", HTMLElement).append(...command.split(" ").flatMap((word) => [make("span", {}, word), " "]));
        byID("copy", HTMLElement).addEventListener("click", () => this.#chrome.copy(command));
        this.#watch = new StatusWatch({
            intervalMs: idleIntervalMs,
            onList: ({ cameras }) => this.#show(cameras),
            onLost: (retryAt) => this.#lost(retryAt),
        });
        listenToKeys({
            digit: (key) => this.#open(Number(key) - 1),
            L: () => this.#words.toggle(),
            T: () => this.#chrome.nextTheme(),
            "?": () => this.#chrome.showKeys(),
        }, this.#closing.signal);
        setInterval(() => this.#tiles.forEach((tile) => tile.render()), 1000);
        this.#render();
    }

    /** @param {Camera[]} cameras */
    #show(cameras) {
        this.#retryAt = 0;
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
            if (tile.isVisible) this.#pull.want(tile.name, tile.sequence);
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
        const limits = { timeoutMs: 10_000, signal: this.#closing.signal };
        const path = address(`snapshot/${name}.jpg?sequence=${sequence}`);
        const frame = await request(path, {}, limits, withFrame);
        if (frame) await this.#tiles.get(name)?.paint(frame);
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
        if (count !== this.#announced) this.#chrome.announce(this.#announced = count);
        byID("empty", HTMLElement).hidden = this.#cameras?.length !== 0;
        byID("single", HTMLElement).hidden = !this.#single;
        this.#grid.hidden = this.#tiles.size === 0;
        this.#single?.render();
        this.#tiles.forEach((tile) => tile.render());
        document.title = `${words.t("wall.title")} · EvRelay`;
    }

    /** @param {number} place */
    #open(place) {
        const target = this.#single ? [byID("single-link", HTMLAnchorElement)] : [...this.#grid.querySelectorAll("a")];
        target[place]?.click();
    }

    #words = Translator.forPage();
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
            if (tile.isVisible) this.#pull.want(tile.name, tile.sequence);
        }
    }, { rootMargin: "64px" });
}

new Wall();
