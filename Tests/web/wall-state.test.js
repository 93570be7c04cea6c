// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeWall, reduceWall, wallLayout, wallUnknown } from "../../web/js/state/wall-state.js";
import { Translator } from "../../web/js/ui/i18n.js";

const english = new Translator("en");
const russian = new Translator("ru");
const camera = (name, state = "live") => ({ name, state });
const listed = (...cameras) => ({ type: "listed", cameras });
const lost = { type: "lost", retryAt: 5000 };
const denied = { type: "denied", denial: { reason: "key-required", retryAt: 0 } };
const after = (...events) => events.reduce(reduceWall, wallUnknown);

test("before the first list nothing is shown, not even that the wall is empty", () => {
    assert.deepEqual(wallLayout(wallUnknown), { single: null, tiles: [], isEmpty: false });
    assert.equal(describeWall(wallUnknown, english), "");
});

test("no camera, one and several have a look of their own", () => {
    const [door, yard] = [camera("door"), camera("yard", "stale")];
    assert.deepEqual(wallLayout(after(listed())), { single: null, tiles: [], isEmpty: true });
    assert.deepEqual(wallLayout(after(listed(door))), { single: "door", tiles: [], isEmpty: false });
    assert.deepEqual(wallLayout(after(listed(door, yard))), { single: null, tiles: [door, yard], isEmpty: false });
    assert.deepEqual(wallLayout(after(listed(door, yard), listed(yard))).single, "yard");
});

test("a lost server leaves the cameras where they are, and the next list ends the loss", () => {
    const state = after(listed(camera("door"), camera("yard")), lost);
    assert.equal(wallLayout(state).tiles.length, 2);
    assert.equal(state.retryAt, 5000);
    assert.equal(describeWall(state, english), english.t("chip.reconnecting"));
    assert.deepEqual(reduceWall(state, listed()), after(listed()));
});

test("a denial takes everything off the wall, a loss too, and the next list ends it", () => {
    const state = after(listed(camera("door")), lost, denied);
    assert.deepEqual(state, { cameras: null, retryAt: 0, denial: denied.denial });
    assert.deepEqual(wallLayout(state), { single: null, tiles: [], isEmpty: false });
    assert.equal(describeWall(state, english), "");
    assert.equal(reduceWall(state, listed(camera("door"))).denial, null);
});

test("a denied wall stays denied while the server is lost", () => {
    const state = after(denied, lost);
    assert.deepEqual([state.denial, state.retryAt, state.cameras], [denied.denial, 5000, null]);
});

test("cameras are counted by their states, in the same order whatever comes first", () => {
    const state = after(listed(camera("a", "offline"), camera("b"), camera("c", "stale"), camera("d"), camera("e")));
    const parts = (words) => [["live", 3], ["stale", 1], ["offline", 1]]
        .map(([one, count]) => words.t(`wall.${one}`, { count })).join(", ");
    for (const words of [english, russian]) assert.equal(describeWall(state, words), parts(words));
    assert.equal(describeWall(after(listed(camera("b"))), english), english.t("wall.live", { count: 1 }));
});

test("an event changes no state that is held elsewhere", () => {
    const state = Object.freeze(after(listed(camera("door"))));
    for (const event of [listed(), lost, denied]) assert.notEqual(reduceWall(state, event), state);
    assert.deepEqual(wallUnknown, { cameras: null, retryAt: 0, denial: null });
});
