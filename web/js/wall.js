// SPDX-License-Identifier: MIT
// @ts-check
import { sessionKey } from "./net/key.js";
import { request, withFrameOrJSON } from "./net/request.js";
import { address } from "./net/site.js";
import { SnapshotPull } from "./net/snapshot-pull.js";
import { StatusWatch } from "./net/status-watch.js";
import { denialIn } from "./state/denial.js";
import { describeWall, reduceWall, wallLayout, wallUnknown } from "./state/wall-state.js";
import { AccessPanel } from "./ui/access-panel.js";
import { Chip } from "./ui/chip.js";
import { Chrome } from "./ui/chrome.js";
import { byID, make, setText } from "./ui/dom.js";
import { Translator } from "./ui/i18n.js";
import { listenToKeys } from "./ui/keyboard.js";
import { LivePicture } from "./ui/live-picture.js";
import { Tile } from "./ui/tile.js";

/** @typedef {import("./state/viewer-state.js").Camera} Camera */
/** @typedef {import("./state/wall-state.js").WallEvent} WallEvent */

const tileIntervalMs = 350;
const idleIntervalMs = 1000;

/** The wall: every camera at a low rate over few connections; a single camera large and live. */
class Wall {
    constructor() {
        this.#words.onChange = () => this.#render();
        byID("copy", HTMLElement).addEventListener("click", () => this.#chrome.copy(commandLine()));
        this.#watch = new StatusWatch({
            intervalMs: idleIntervalMs,
            onList: ({ cameras }) => this.#take({ type: "listed", cameras }),
            onLost: (retryAt) => this.#take({ type: "lost", retryAt }),
            onDenied: (denial) => this.#take({ type: "denied", denial }),
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

    /** @param {WallEvent} event */
    #take(event) {
        this.#state = reduceWall(this.#state, event);
        const { single, tiles } = wallLayout(this.#state);
        this.#showSingle(single);
        this.#showTiles(tiles);
        if (event.type === "listed") this.#update(tiles);
        if (event.type === "lost") this.#tiles.forEach((tile) => tile.take(event));
        this.#watch.poller.intervalMs = tiles.length > 0 ? tileIntervalMs : idleIntervalMs;
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

    /**
     * One tile a camera: new ones are added, those of cameras that are gone removed.
     * @param {Camera[]} cameras
     */
    #showTiles(cameras) {
        const names = new Set(cameras.map(({ name }) => name));
        for (const [name, tile] of this.#tiles) {
            if (names.has(name)) continue;
            this.#observer.unobserve(tile.element);
            this.#pull.forget(name);
            tile.element.remove();
            this.#tiles.delete(name);
        }
        for (const name of names) if (!this.#tiles.has(name)) this.#add(name);
    }

    /**
     * Tells the tiles what is new, and puts them in order.
     * @param {Camera[]} cameras
     */
    #update(cameras) {
        for (const camera of cameras) {
            const tile = this.#tiles.get(camera.name);
            tile?.take({ type: "status", camera, at: Date.now() });
            if (tile?.wantsFrames) this.#pull.want(tile.name, tile.sequence);
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
    }

    /** @param {string} name @param {number} sequence */
    async #load(name, sequence) {
        if (this.#state.denial) return;
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
        else if (!this.#state.denial) this.#watch.deny(denial);
    }

    #retry() {
        this.#tiles.forEach((tile) => tile.take({ type: "retried" }));
        this.#watch.retry();
        this.#render();
    }

    #render() {
        this.#chrome.render();
        const words = this.#words;
        const count = describeWall(this.#state, words);
        setText(byID("count", HTMLElement), count);
        const said = this.#access.show(this.#state.denial) || count;
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
        if (this.#state.denial) this.#access.show(this.#state.denial);
    }

    #renderEmpty() {
        byID("empty", HTMLElement).hidden = !wallLayout(this.#state).isEmpty;
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
    #chrome = new Chrome(this.#words, [
        ["1 – 9", "key.tile"], ["L", "key.language"], ["T", "key.theme"], ["?", "key.help"],
    ]);
    #grid = byID("grid", HTMLElement);
    #closing = new AbortController();
    #watch;
    #pull = new SnapshotPull({ limit: 3, load: (name, sequence) => this.#load(name, sequence) });
    /** @type {Map<string, Tile>} */
    #tiles = new Map();
    /** @type {LivePicture | null} */
    #single = null;
    #singleChip = new Chip();
    #state = wallUnknown;
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
