// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { lowered, readSettings } from "../../web/js/media/settings.js";
import { constraintsFor } from "../../web/js/media/capture.js";
import { differs } from "../../web/js/media/stream-image.js";
import { Backoff } from "../../web/js/net/backoff.js";
import { intervalMs, RateMeter, SlowDetector } from "../../web/js/net/pace.js";
import { cameraFromPath, isCameraName } from "../../web/js/net/site.js";
import { SnapshotPull } from "../../web/js/net/snapshot-pull.js";
import { Uploader, verdict } from "../../web/js/net/uploader.js";
import { keyName } from "../../web/js/ui/keyboard.js";

const browser = globalThis;
const nodeFetch = browser.fetch;

beforeEach(() => {
    browser.document = new EventTarget();
    browser.addEventListener = () => {};
});
afterEach(() => {
    browser.fetch = nodeFetch;
});

test("pauses grow to 15 s, each up to a fifth longer, and begin anew after a success", () => {
    const even = new Backoff(() => 0);
    const pauses = Array.from({ length: 9 }, () => even.next());
    assert.deepEqual(pauses, [250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
    even.reset();
    assert.equal(even.next(), 250);
    assert.equal(new Backoff(() => 0.5).next(), 275);
    const random = new Backoff();
    for (let i = 0; i < 50; i += 1) assert.ok(random.next() <= 18_000);
});

test("the rate is the chosen one, or the server's wish while that is lower", () => {
    assert.equal(intervalMs(10, null), 100);
    assert.equal(intervalMs(10, 1), 1000);
    assert.equal(intervalMs(2, 5), 500);
    assert.equal(intervalMs(10, 0), 100);
});

test("the meter tells what the last three seconds had, and nothing when sending has ended", () => {
    const meter = new RateMeter();
    assert.deepEqual(meter.read(0), { framesPerSecond: 0, bytesPerSecond: 0 });
    for (let now = 0; now <= 10_000; now += 100) meter.add(4000, now);
    assert.deepEqual(meter.read(10_000), { framesPerSecond: 10, bytesPerSecond: 40_000 });
    assert.equal(meter.read(20_000).framesPerSecond, 0);
});

test("one late answer is not a slow network, many are, and it takes quick ones to end it", () => {
    const slow = new SlowDetector();
    for (let i = 0; i < 20; i += 1) slow.add(40, 100);
    assert.equal(slow.add(500, 100), false);
    for (let i = 0; i < 20; i += 1) slow.add(400, 100);
    assert.equal(slow.isSlow, true);
    assert.equal(slow.add(130, 100), true);
    for (let i = 0; i < 20; i += 1) slow.add(40, 100);
    assert.equal(slow.isSlow, false);
});

test("a camera's name is as the server takes it", () => {
    const good = ["default", "a", "-", "_x", "front.door-2", "x".repeat(64)];
    const bad = ["", ".x", "x".repeat(65), "a b", "дом", "a/b", "a\n", null, undefined];
    assert.deepEqual(good.filter(isCameraName), good);
    assert.deepEqual(bad.filter(isCameraName), []);
});

test("the camera is read from the page's address at any depth", () => {
    const expected = {
        "/watch/door": "door", "/sub/path/watch/door": "door", "/watch/": "default", "/watch": "default",
        "/stream/yard": "yard", "/watch/%D0%B4": "default", "/watch/watch": "watch",
    };
    for (const [path, name] of Object.entries(expected)) assert.equal(cameraFromPath(path), name, path);
});

test("what was stored is taken only where it is valid", () => {
    const defaults = { name: "default", device: "", size: 1280, framesPerSecond: 10, quality: 0.7 };
    for (const stored of [null, "", "{", "null", "[]", "7", '{"size":9,"quality":"x","name":".a","device":3}']) {
        assert.deepEqual(readSettings(stored, null), defaults, String(stored));
    }
    const stored = '{"name":"a","size":"640","quality":0.5,"framesPerSecond":25,"device":"facing:user"}';
    assert.deepEqual(readSettings(stored, "b"), {
        name: "b", device: "facing:user", size: 640, framesPerSecond: 25, quality: 0.5,
    });
});

test("lowering takes quality first, then size, and ends at the bottom", () => {
    const steps = [];
    for (let settings = readSettings(null, null); settings; settings = lowered(settings)) {
        steps.push([settings.quality, settings.size]);
    }
    assert.deepEqual(steps, [[0.7, 1280], [0.5, 1280], [0.5, 640]]);
});

test("a device is asked for by identity, by side, or not at all", () => {
    assert.deepEqual(constraintsFor("device:abc", 640).video.deviceId, { exact: "abc" });
    assert.deepEqual(constraintsFor("facing:user", 640).video.facingMode, { ideal: "user" });
    assert.deepEqual(constraintsFor("", 1280).video.width, { ideal: 1280 });
});

test("noise is the same scene, another picture is not", () => {
    const grey = new Uint8ClampedArray(48 * 48 * 4).fill(100);
    assert.equal(differs(grey, grey.map((value, i) => value + (i % 7))), false);
    assert.equal(differs(grey, grey.map((value, i) => i < 1000 ? value + 60 : value)), true);
});

test("letters are keys by their place in any layout", () => {
    assert.equal(keyName({ code: "KeyF", key: "а" }), "F");
    assert.equal(keyName({ code: "Numpad3", key: "3" }), "3");
    assert.equal(keyName({ code: "Space", key: " " }), "Space");
    assert.equal(keyName({ code: "Slash", key: "?" }), "?");
});

test("answers are told apart: accepted, refused for good, full for now, lost", () => {
    const expected = [
        [200, null, "accepted"],
        [403, { reason: "publishing-not-allowed" }, "refused"], [413, null, "refused"], [415, null, "refused"],
        [429, null, "full"], [503, { reason: "cameras-full" }, "full"],
        [503, null, "lost"], [502, null, "lost"], [408, null, "lost"], [422, { reason: "not-a-jpeg" }, "lost"],
    ];
    for (const [status, body, meaning] of expected) {
        assert.equal(verdict({ status, ok: status === 200, body }), meaning, String(status));
    }
});

/** An Uploader against scripted answers; the promise ends when the script does. */
function upload(answers, framesPerSecond = 1000) {
    const events = [];
    let atOnce = 0;
    let most = 0;
    let uploader;
    const times = [];
    return new Promise((done) => {
        browser.fetch = async () => {
            times.push(performance.now());
            atOnce += 1;
            most = Math.max(most, atOnce);
            await new Promise((tick) => setTimeout(tick, 2));
            atOnce -= 1;
            const [status, body, headers = {}] = answers.shift();
            return new Response(body === undefined ? "<html>" : JSON.stringify(body), { status, headers });
        };
        uploader = new Uploader({
            url: "http://x/upload/default", publisherID: () => "page-1234", framesPerSecond: () => framesPerSecond, grab: async () => new Blob(["x"]),
            onEvent: (event) => {
                events.push(event);
                if (answers.length > 0) return;
                uploader.close();
                done({ events, most, times });
            },
            onSent: () => {},
        });
    });
}

test("frames are sent one at a time", async () => {
    const body = { viewers: 1, wanted_frames_per_second: null };
    const answers = Array.from({ length: 20 }, (_, sequence) => [200, { ...body, sequence }]);
    const { events, most } = await upload(answers);
    assert.equal(most, 1);
    assert.equal(events.length, 20);
});

test("the server's lower rate is kept, and left at the answer that ends it", async () => {
    const rest = [200, { viewers: 0, wanted_frames_per_second: 5 }];
    const full = [200, { viewers: 1, wanted_frames_per_second: null }];
    const { times } = await upload([full, rest, full, full, full]);
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    assert.ok(gaps[1] >= 195, `${gaps}`);
    assert.ok(gaps[2] < 100, `${gaps}`);
});

test("a refusal ends the sending and carries the server's words", async () => {
    const body = { status: 403, reason: "origin-not-allowed", message: "Not from here." };
    const { events } = await upload([[403, body]]);
    assert.deepEqual(events, [{ ...body, type: "refused", retryAt: 0 }]);
});

test("a full server is asked again, not before its Retry-After", async () => {
    const { events } = await upload([[503, { reason: "cameras-full", message: "" }, { "Retry-After": "7" }]]);
    assert.equal(events[0].type, "refused");
    assert.ok(events[0].retryAt - Date.now() > 6500);
});

test("a proxy's error page is a lost connection", async () => {
    const { events } = await upload([[502, undefined]]);
    assert.equal(events[0].type, "lost");
    assert.ok(events[0].retryAt > Date.now());
});

test("at most three snapshots are fetched at once, one a camera, whoever waited longest first", async () => {
    const started = [];
    const open = [];
    const pull = new SnapshotPull({
        limit: 3,
        load: (name, sequence) => new Promise((done) => (started.push(`${name}${sequence}`), open.push(done))),
    });
    const settle = () => new Promise((done) => setImmediate(done));
    for (const name of ["a", "b", "c", "d"]) pull.want(name, 1);
    assert.deepEqual(started, ["a1", "b1", "c1"]);
    pull.want("a", 2);
    pull.want("a", 3);
    open.shift()();
    await settle();
    assert.deepEqual(started.slice(3), ["d1"]);
    open.shift()();
    await settle();
    assert.deepEqual(started.slice(4), ["a3"]);
    pull.forget("b");
    open.forEach((done) => done());
    await settle();
    assert.equal(started.length, 5);
});
