// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import { cameraPhase, cameraReady, describeCamera, isRunning, reduceCamera } from "../../web/js/state/camera-state.js";
import { freshHealth, judgeStream } from "../../web/js/state/stream-health.js";
import { withReturning } from "../../web/js/state/returning.js";
import { describeViewer, frameAge, reduceViewer, startViewing, viewerPhase } from "../../web/js/state/viewer-state.js";
import { Translator } from "../../web/js/ui/i18n.js";

const english = new Translator("en");
const russian = new Translator("ru");
const door = {
    name: "door", state: "live", sequence: 7, width: 640, height: 480, frames_per_second: 13.7, viewers: 2,
    last_frame_at: "2026-11-22T18:00:00.000Z", age_ms: 120,
};
const view = (...events) => events.reduce(reduceViewer, startViewing("door"));
const send = (...events) => events.reduce(reduceCamera, cameraReady);
const status = (part = {}) => ({ type: "status", camera: { ...door, ...part }, at: 1000 });
const onAir = [{ type: "asking" }, { type: "opened" }, { type: "accepted", viewers: 3, wanted: null, slow: false }];
const refused = { type: "refused", reason: "cameras-full", status: 503, message: "64 cameras", retryAt: 0 };

test("a viewer is connecting until the server has answered and a picture is shown", () => {
    assert.equal(viewerPhase(view()), "connecting");
    assert.equal(viewerPhase(view(status())), "connecting");
    assert.equal(viewerPhase(view(status(), { type: "shown" })), "live");
});

test("live, stale and offline are the server's words", () => {
    for (const state of ["live", "stale", "offline"]) {
        assert.equal(viewerPhase(view({ type: "shown" }, status({ state }))), state);
    }
});

test("an unknown camera is named, and comes alive with its first status", () => {
    const missing = view({ type: "missing" });
    assert.equal(viewerPhase(missing), "unknown");
    assert.equal(describeViewer(missing, 0, english).sentence, "No camera “door”");
    assert.equal(viewerPhase([{ type: "shown" }, status()].reduce(reduceViewer, missing)), "live");
});

test("a lost server counts the seconds to the next attempt, and any answer ends it", () => {
    const lost = view({ type: "shown" }, status(), { type: "lost", retryAt: 5000 });
    assert.equal(viewerPhase(lost), "reconnecting");
    assert.equal(describeViewer(lost, 1500, english).sentence, "No connection to the server. Retrying in 4 s");
    assert.equal(describeViewer(lost, 9000, english).sentence, "No connection to the server. Retrying in 1 s");
    assert.equal(viewerPhase(reduceViewer(lost, status())), "live");
    assert.equal(viewerPhase(reduceViewer(lost, { type: "missing" })), "unknown");
});

test("a camera that a new server does not know yet keeps its place and grows older", () => {
    const yard = { ...door, name: "yard" };
    const fresh = { ...yard, sequence: 900, age_ms: 5 };
    assert.deepEqual(withReturning([fresh], [door, yard], 300), [{ ...door, age_ms: 420 }, fresh]);
    assert.deepEqual(withReturning([], [], 300), []);
    assert.equal(door.age_ms, 120);
});

test("a pause hides every other state and gives it back", () => {
    const paused = view({ type: "shown" }, status({ state: "stale" }), { type: "paused", paused: true });
    assert.equal(viewerPhase(paused), "paused");
    assert.equal(viewerPhase(reduceViewer(paused, { type: "paused", paused: false })), "stale");
});

test("the age of the latest frame grows between two answers", () => {
    const stale = view({ type: "shown" }, status({ state: "stale", age_ms: 4000 }));
    assert.equal(frameAge(stale, 5000), 8000);
    assert.equal(describeViewer(stale, 5000, english).sentence, "Last frame 8 s ago");
    assert.equal(describeViewer(stale, 5000, russian).sentence, "Последний кадр 8 с назад");
    assert.equal(describeViewer(stale, 5000, english).face.text, "8 s ago");
});

test("a live chip tells the rate", () => {
    const live = view({ type: "shown" }, status());
    assert.equal(describeViewer(live, 1000, english).face.text, "Live · 14 fps");
    assert.equal(describeViewer(live, 1000, russian).face.text, "В эфире · 14 кадр/с");
});

test("a camera goes from ready over asking and connecting to sending", () => {
    const phases = onAir.map((_, place) => cameraPhase(send(...onAir.slice(0, place + 1))));
    assert.deepEqual([cameraPhase(cameraReady), ...phases], ["ready", "asking", "connecting", "sending"]);
    assert.equal(describeCamera(send(...onAir), 0, 12.2, english).face.text, "On air · 12 fps · 3 viewers");
    assert.equal(describeCamera(send(...onAir), 0, 0, english).face.text, "On air · 3 viewers");
    assert.equal(describeCamera(send(...onAir), 0, 12.2, russian).face.text, "В эфире · 12 кадр/с · 3 зрителя");
});

test("each refusal of the device has its own state", () => {
    const expected = {
        NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing",
        NotReadableError: "busy", AbortError: "busy", SomethingNewError: "busy",
    };
    for (const [error, phase] of Object.entries(expected)) {
        assert.equal(cameraPhase(send({ type: "asking" }, { type: "failed", error })), phase, error);
    }
    assert.equal(cameraPhase(send({ type: "insecure" })), "insecure");
});

test("a slow network and a hidden page are told while sending goes on", () => {
    const slow = { type: "accepted", viewers: 1, wanted: null, slow: true };
    assert.equal(cameraPhase(send(...onAir, slow)), "slow");
    assert.equal(cameraPhase(send(...onAir, { type: "hidden", hidden: true })), "hidden");
    const returned = send(...onAir, { type: "hidden", hidden: true }, { type: "hidden", hidden: false });
    assert.equal(cameraPhase(returned), "sending");
});

test("a lost connection is retried, and the first accepted frame ends it", () => {
    const lost = send(...onAir, { type: "lost", retryAt: 4000 });
    assert.equal(cameraPhase(lost), "reconnecting");
    assert.equal(describeCamera(lost, 0, 0, english).face.text, "Connection lost. Retrying in 4 s");
    assert.equal(cameraPhase(reduceCamera(lost, { type: "retrying" })), "connecting");
    assert.equal(cameraPhase(reduceCamera(lost, onAir[2])), "sending");
});

test("a refusal says why; one that may pass keeps the camera running", () => {
    const forGood = send(...onAir, refused);
    assert.equal(describeCamera(forGood, 0, 0, english).face.text, "The server refused: too many cameras");
    assert.equal(isRunning(forGood), false);
    const forNow = send(...onAir, { ...refused, retryAt: 2000 });
    const said = describeCamera(forNow, 0, 0, russian).face.text;
    assert.equal(said, "Сервер отказал: слишком много камер. Повтор через 2 с");
    assert.equal(isRunning(forNow), true);
    const unheard = send(...onAir, { ...refused, reason: "brand-new", status: 418 });
    assert.equal(describeCamera(unheard, 0, 0, english).face.text, "The server refused: status 418");
});

test("an interrupted camera comes back by itself; stopping forgets everything but the hidden page", () => {
    const muted = send(...onAir, { type: "interrupted", interrupted: true });
    assert.equal(cameraPhase(muted), "interrupted");
    assert.equal(cameraPhase(reduceCamera(muted, { type: "interrupted", interrupted: false })), "sending");
    assert.equal(cameraPhase(send({ type: "interrupted", interrupted: true })), "ready");
    assert.deepEqual(send(...onAir, { type: "stopped" }), cameraReady);
});

test("a stream is looked at when frames come and the picture stands still, ever more rarely", () => {
    let health = freshHealth(0);
    const looks = [];
    for (let now = 0, sequence = 1; now <= 60_000; now += 1000, sequence += 10) {
        const judged = judgeStream(health, { sequence, changed: false, now });
        health = judged.health;
        if (judged.look) looks.push(now / 1000);
    }
    assert.deepEqual(looks, [3, 9, 21, 45]);
});

test("a stream that moves, or a server without new frames, is never looked at", () => {
    let moving = freshHealth(0);
    let silent = freshHealth(0);
    for (let now = 0; now <= 60_000; now += 1000) {
        const seen = judgeStream(moving, { sequence: now, changed: true, now });
        moving = seen.health;
        const quiet = judgeStream(silent, { sequence: 5, changed: false, now });
        silent = quiet.health;
        assert.equal(seen.look || quiet.look, false);
    }
});
