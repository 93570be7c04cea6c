// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../web/js/doctor/judge.js";
import { measureEcho, measureReach, measureStream } from "../../web/js/doctor/measure.js";
import { PartReader } from "../../web/js/doctor/part-reader.js";

const bytes = (text) => new TextEncoder().encode(text);
const line = (stamp) => `{"part":1,"time_us":${stamp}}`.padEnd(63) + "\n";
const signal = new AbortController().signal;
const json = (body, status = 200) => new Response(JSON.stringify(body), { status });

/**
 * Runs `body` with answers in place of the network's; what was asked is its argument. The last answer is repeated.
 * @param {(() => Response | Promise<Response>)[]} answers
 */
async function answeredBy(answers, body) {
    const { fetch } = globalThis;
    const asked = [];
    globalThis.fetch = async (url, options) => {
        asked.push({ url, ...options });
        return answers[Math.min(asked.length, answers.length) - 1]();
    };
    try {
        return await body(asked);
    } finally {
        globalThis.fetch = fetch;
    }
}

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

test("round trips are sent, stamped and received in whole microseconds; the first one does not count", async () => {
    const info = { version: "1", time_us: 1_795_370_000_123_456 };
    await answeredBy([() => json(info)], async (asked) => {
        const reach = await measureReach(signal);
        assert.equal(asked.length, 9);
        assert.equal(reach.trips_us.length, 8);
        for (const [sent, stamp, received] of reach.trips_us) {
            assert.ok(Number.isSafeInteger(sent) && Number.isSafeInteger(received) && sent <= received);
            assert.equal(stamp, info.time_us);
        }
        assert.deepEqual([reach.status, reach.info], [200, info]);
    });
});

test("what is no relay, or nobody, has a status and no report", async () => {
    for (const [answer, status] of [
        [() => new Response("<html>", { status: 502 }), 502], [() => json({ hello: 1 }), 200],
        [() => Promise.reject(new TypeError("lost")), 0],
    ]) {
        const reach = await answeredBy([answer], () => measureReach(signal));
        assert.deepEqual(reach, { status, trips_us: [], info: null });
    }
});

test("a stream's parts are told with both clocks", async () => {
    const stream = await answeredBy([() => new Response(line(5_000_000) + line(5_250_000))],
        () => measureStream(64, signal));
    assert.deepEqual([stream.status, stream.parts, stream.interval_us], [200, 8, 250_000]);
    assert.deepEqual(stream.parts_us.map(([stamp]) => stamp), [5_000_000, 5_250_000]);
    assert.ok(stream.parts_us.flat().every(Number.isSafeInteger) && stream.first_us >= stream.head_us);
});

test("an upload is the relay's only if it says how much has come, and a refusal only with its reason", async () => {
    const echo = (answer) => answeredBy([answer], () => measureEcho(1024, signal));
    const seen = async (answer) => {
        const { status, is_relay: isRelay, reason, bytes: count } = await echo(answer);
        return [status, isRelay, reason, count];
    };
    assert.deepEqual(await seen(() => json({ bytes: 1024 })), [200, true, "", 1024]);
    assert.deepEqual(await seen(() => json({ bytes: 3 })), [0, false, "", 1024]);
    assert.deepEqual(await seen(() => json({ reason: "origin-not-allowed" }, 403)),
        [403, true, "origin-not-allowed", 1024]);
    assert.deepEqual(await seen(() => new Response("too large", { status: 413 })), [413, false, "", 1024]);
    assert.deepEqual(await seen(() => Promise.reject(new TypeError("lost"))), [0, false, "", 1024]);
    assert.equal((await echo(() => json({ reason: "x".repeat(200) }, 400))).reason.length, 64);
});

test("findings are asked for in a language, without the key", async () => {
    const answer = { checks: [] };
    await answeredBy([() => json(answer)], async (asked) => {
        assert.deepEqual(await judge({ url: "http://a/" }, "ru", signal), { answer, status: 200 });
        assert.match(asked[0].url, /doctor\/findings\?lang=ru$/);
        assert.deepEqual([asked[0].method, asked[0].body], ["POST", '{"url":"http://a/"}']);
        assert.equal(asked[0].headers["Content-Type"], "application/json");
        assert.ok(!("Authorization" in asked[0].headers));
    });
});

test("a full relay is asked again, and what gives no findings is told by its status", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const full = () => json({ reason: "doctors-full" }, 503);
    const judged = async (...answers) => answeredBy(answers, async (asked) => {
        const asking = judge({ url: "http://a/" }, "en", signal);
        for (let turn = 0; turn < 100; turn += 1) {
            await new Promise((done) => setImmediate(done));
            context.mock.timers.tick(1000);
        }
        return [(await asking).status, asked.length];
    });
    assert.deepEqual(await judged(full, full, () => json({ checks: [] })), [200, 3]);
    assert.deepEqual(await judged(full), [503, 3]);
    assert.deepEqual(await judged(() => new Response("<html>")), [200, 1]);
    assert.deepEqual(await judged(() => new Response("", { status: 405 })), [405, 1]);
    assert.deepEqual(await judged(() => Promise.reject(new TypeError("lost"))), [0, 1]);
});
