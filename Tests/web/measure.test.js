// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import { PartReader } from "../../web/js/doctor/part-reader.js";
import { delays, median, roundTrips } from "../../web/js/state/measurements.js";

const bytes = (text) => new TextEncoder().encode(text);
const line = (stamp) => `{"part":1,"time_us":${stamp}}`.padEnd(63) + "\n";

test("parts are read at every cut, each at the moment its last byte came", () => {
    const stream = bytes(line(1_000_000) + line(1_250_000));
    for (let cut = 0; cut <= stream.length; cut += 1) {
        const reader = new PartReader();
        reader.take(stream.subarray(0, cut), 10);
        reader.take(stream.subarray(cut), 20);
        const first = cut >= 64 ? 10 : 20;
        const second = cut >= 128 ? 10 : 20;
        assert.deepEqual(reader.parts, [
            { arrivedMs: first, stampMs: 1000 }, { arrivedMs: second, stampMs: 1250 },
        ], `cut at ${cut}`);
    }
});

test("what is no timed stream is refused, and an endless line is not collected", () => {
    for (const text of ["<html>\n", "{}\n", '{"time_us":"x"}\n', "null\n", "\n"]) {
        assert.throws(() => new PartReader().take(bytes(text), 0), text);
    }
    const reader = new PartReader();
    reader.take(bytes("x".repeat(1 << 17)), 0);
    assert.throws(() => reader.take(bytes("x"), 0), RangeError);
});

test("the clocks' difference comes from the quickest answer, the round trip is the median", () => {
    const answers = [[100, 180, 5150], [200, 210, 5205], [300, 330, 5310]]
        .map(([sentMs, receivedMs, stampMs]) => ({ sentMs, receivedMs, stampMs }));
    assert.deepEqual(roundTrips(answers), { tripMs: 30, leadMs: 4995, offsetMs: 5000, errorMs: 5 });
});

test("delays count from the quickest way, whatever the clocks say and however lopsided the network is", () => {
    // 90 ms there, 10 ms back, a server whose clock is an hour ahead.
    const hour = 3_600_000;
    const { leadMs } = roundTrips([{ sentMs: 0, receivedMs: 100, stampMs: 90 + hour }]);
    const parts = [[260, 250], [510, 500], [1000, 750]];
    assert.deepEqual(delays(parts.map(([arrivedMs, stampMs]) => ({ arrivedMs, stampMs: stampMs + hour })), leadMs),
        [0, 0, 240]);
    assert.deepEqual(delays([{ arrivedMs: 255, stampMs: 250 + hour }], leadMs), [0]);
});

test("of an even number the median is the upper of the two in the middle", () => {
    assert.deepEqual([[], [3], [250, 0], [5, 1, 3]].map(median), [0, 3, 250, 3]);
});
