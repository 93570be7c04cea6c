// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Poller } from "../../web/js/net/poller.js";
import { overHTTPS } from "../../web/js/net/site.js";
import { Uploader, verdict } from "../../web/js/net/uploader.js";
import { cameraPhase, cameraReady, describeCamera, isRefusedForGood, isRunning, reduceCamera }
    from "../../web/js/state/camera-state.js";
import { denialIn, describeDenial, isDenial, wantsKey } from "../../web/js/state/denial.js";
import { describeViewer, reduceViewer, startViewing, viewerPhase } from "../../web/js/state/viewer-state.js";
import { Translator } from "../../web/js/ui/i18n.js";

const browser = globalThis;
const english = new Translator("en");
const russian = new Translator("ru");
const about = { camera: "door", host: "cam.example:30443", now: 1000 };
const reasons = [
    "key-required", "key-wrong", "token-invalid", "token-expired", "token-not-yet-valid", "right-missing",
    "publishing-not-allowed", "unknown-host", "too-many-wrong-keys",
];
const answer = (reason, headers = {}) => ({ ok: false, headers: new Headers(headers), body: { reason } });
const send = (...events) => events.reduce(reduceCamera, cameraReady);
const onAir = [{ type: "asking" }, { type: "opened" }, { type: "accepted", viewers: 3, wanted: null, slow: false }];
const refused = (reason, retryAt = 0) => ({ type: "refused", reason, status: 403, message: "Why.", retryAt });

beforeEach(() => {
    browser.document = new EventTarget();
    browser.addEventListener = () => {};
});

test("an answer is a denial only by its reason, whatever its status", () => {
    for (const reason of reasons) assert.equal(denialIn(answer(reason), 0).reason, reason);
    for (const reason of ["cameras-full", "origin-not-allowed", "constructor", "", undefined, 7]) {
        assert.equal(denialIn(answer(reason), 0), null, String(reason));
    }
    assert.equal(denialIn({ ok: false, headers: new Headers(), body: null }, 0), null);
    assert.equal(denialIn({ ...answer("key-wrong"), ok: true }, 0), null);
    assert.ok(!isDenial("toString"));
});

test("a wrong key is never tried again by itself; a wait is the server's own", () => {
    const retryAt = (reason, headers) => denialIn(answer(reason, headers), 1000).retryAt;
    for (const reason of reasons.slice(0, 4)) assert.equal(retryAt(reason, { "Retry-After": "5" }), 0, reason);
    assert.equal(retryAt("token-not-yet-valid"), 16_000);
    assert.equal(retryAt("too-many-wrong-keys", { "Retry-After": "600" }), 601_000);
    assert.equal(retryAt("too-many-wrong-keys"), 61_000);
    assert.equal(retryAt("too-many-wrong-keys", { "Retry-After": "soon" }), 61_000);
    assert.equal(retryAt("too-many-wrong-keys", { "Retry-After": "99999999" }), 86_401_000);
});

test("every denial has words of its own everywhere, in both languages, and no hole in them", () => {
    for (const words of [english, russian]) {
        for (const place of ["watch", "wall", "camera"]) {
            const said = reasons.map((reason) => describeDenial({ reason, retryAt: 541_000 }, place, about, words));
            assert.equal(new Set(said.map(({ sentence }) => sentence)).size, reasons.length);
            for (const { sentence, detail } of said) {
                assert.doesNotMatch(`${sentence} ${detail}`, /[{}]|denial\./);
                assert.ok(sentence !== "" && detail !== "");
            }
        }
        for (const reason of reasons) assert.ok(words.has(`refusal.${reason}`), reason);
    }
});

test("a denial names the camera, the host without its port, and the time to wait", () => {
    const say = (reason, place, retryAt = 0) => describeDenial({ reason, retryAt }, place, about, english);
    assert.equal(say("key-required", "watch").sentence, "This camera needs a key");
    assert.equal(say("key-required", "wall").sentence, "These cameras need a key");
    assert.equal(say("token-expired", "watch").sentence, "This link has ended");
    assert.equal(say("right-missing", "watch").sentence, "Your key does not open camera “door”");
    assert.match(say("unknown-host", "watch").detail, /--allow-host cam\.example$/);
    assert.match(say("too-many-wrong-keys", "watch", 541_000).detail, / in 9 min\.$/);
    assert.match(say("too-many-wrong-keys", "watch", 1001).detail, / in 1 s\.$/);
    assert.match(say("too-many-wrong-keys", "watch", 0).detail, / in 1 s\.$/);
});

test("a key is asked for where another one helps", () => {
    const helped = reasons.filter(wantsKey);
    assert.deepEqual(helped, reasons.slice(0, 6));
    assert.ok(!wantsKey("cameras-full") && !wantsKey(""));
});

test("a denied viewer is locked, also while paused, until it is tried again", () => {
    const denied = { type: "denied", denial: { reason: "token-expired", retryAt: 0 } };
    const before = [{ type: "shown" }, { type: "paused", paused: true }];
    const locked = [...before, denied].reduce(reduceViewer, startViewing("door"));
    assert.equal(viewerPhase(locked), "locked");
    const { sentence, detail, face, wantsKey: asks } = describeViewer(locked, 0, english);
    assert.deepEqual([sentence, face.text, face.icon, asks], ["This link has ended", "No access", "clock", true]);
    assert.ok(detail.startsWith("Ask for a new one"));
    assert.equal(viewerPhase(reduceViewer(locked, { type: "retried" })), "paused");
});

test("a camera is locked by a denial, before anything is sent and while it sends", () => {
    for (const events of [[refused("key-required")], [...onAir, refused("key-wrong")]]) {
        const state = send(...events);
        assert.equal(cameraPhase(state), "locked");
        assert.ok(isRefusedForGood(state) && !isRunning(state));
        assert.equal(describeCamera(state, 0, 0, english).wantsKey, true);
    }
    const waiting = send(...onAir, refused("too-many-wrong-keys", 60_000));
    assert.ok(isRefusedForGood(waiting) && !isRunning(waiting));
    assert.equal(cameraPhase(send(refused("key-required"), { type: "insecure" })), "insecure");
    assert.equal(cameraPhase(send(refused("key-required"), { type: "asking" })), "asking");
});

test("a camera that was taken over keeps its picture and sends nothing until it is taken back", () => {
    const taken = send(...onAir, refused("camera-taken-over"));
    assert.equal(cameraPhase(taken), "taken-over");
    assert.equal(describeCamera(taken, 0, 0, english).face.text, "Another device has taken over this camera");
    assert.ok(isRunning(taken) && !isRefusedForGood(taken));
    assert.equal(cameraPhase(reduceCamera(taken, { type: "retrying" })), "connecting");
});

test("a camera that another device sends is waited for", () => {
    const taken = send(...onAir, refused("camera-taken", 3000));
    assert.equal(cameraPhase(taken), "taken");
    assert.equal(describeCamera(taken, 0, 0, english).face.text, "Another device is sending. Retrying in 3 s");
    assert.ok(isRunning(taken));
});

test("an uploader stops at a denial and at a takeover, and waits while a camera is taken", () => {
    const meaning = (status, reason) => verdict({ status, ok: false, body: { reason } });
    assert.equal(meaning(409, "camera-taken-over"), "refused");
    assert.equal(meaning(409, "camera-taken"), "full");
    assert.equal(meaning(429, "too-many-wrong-keys"), "refused");
    assert.equal(meaning(429, "too-many-connections"), "full");
    for (const reason of reasons) assert.equal(meaning(503, reason), "refused", reason);
});

test("an uploader names its page in every frame and asks no more once it is denied", async () => {
    const names = [];
    const events = [];
    const nodeFetch = browser.fetch;
    browser.fetch = async (_, { headers }) => {
        names.push(new Headers(headers).get("X-Publisher-ID"));
        const body = names.length < 3 ? { viewers: 0 } : { reason: "key-wrong", message: "No." };
        return Response.json(body, { status: names.length < 3 ? 200 : 401 });
    };
    await new Promise((done) => {
        new Uploader({
            url: "http://x/upload/door", publisherID: () => "page-0001", framesPerSecond: () => 1000,
            grab: async () => new Blob(["x"]), onSent: () => {},
            onEvent: (event) => events.push(event) && event.type === "refused" && done(),
        });
    });
    for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
    browser.fetch = nodeFetch;
    assert.deepEqual(names, ["page-0001", "page-0001", "page-0001"]);
    assert.deepEqual(events.at(-1), { type: "refused", status: 401, reason: "key-wrong", message: "No.", retryAt: 0 });
});

test("a poller that holds asks no more until its time or until it is told to", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const settle = () => new Promise((done) => setImmediate(done));
    const pass = async (ms) => {
        context.mock.timers.tick(ms);
        await settle();
    };
    const listeners = [];
    browser.addEventListener = (_, listener) => listeners.push(listener);
    let asked = 0;
    const poller = new Poller({
        intervalMs: 1000, onLost: () => assert.fail("nothing is lost"),
        ask: async () => {
            await null;
            asked += 1;
            if (asked === 1) poller.hold(0);
            if (asked === 2) poller.hold(Date.now() + 30_000);
        },
    });
    await settle();
    listeners.forEach((wake) => wake());
    await pass(3600_000);
    assert.equal(asked, 1);
    poller.now();
    await settle();
    assert.equal(asked, 2);
    await pass(29_999);
    assert.equal(asked, 2);
    await pass(1);
    assert.equal(asked, 3);
    await pass(1000);
    assert.equal(asked, 4);
    poller.close();
});

test("the way to HTTPS is what the relay tells, else the usual port of the same host", () => {
    const { pathname } = new URL("../../web/camera", import.meta.url);
    const here = { hostname: "cam.example", pathname, search: "?camera=a" };
    const guess = `https://cam.example${pathname}?camera=a`;
    assert.equal(overHTTPS("https://cam.example:30443/", here), "https://cam.example:30443/camera?camera=a");
    assert.equal(overHTTPS("https://cam.example/sub", here), "https://cam.example/sub/camera?camera=a");
    for (const told of [null, undefined, "", "http://cam.example", "javascript:alert(1)"]) {
        assert.equal(overHTTPS(told, here), guess, String(told));
    }
});
