// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { cutKey, keyFrom, SessionKey, sessionKey } from "../../web/js/net/key.js";
import { newPublisherID } from "../../web/js/net/publisher.js";
import { request, withFrameOrJSON, withJSON } from "../../web/js/net/request.js";

const nodeFetch = globalThis.fetch;
const limits = () => ({ timeoutMs: 1000, signal: new AbortController().signal });

afterEach(() => {
    globalThis.fetch = nodeFetch;
    sessionKey.keep("");
});

/** What a key needs of a page: an address with its bar, and a store. */
function fakePage(href, kept = {}, { isForbidden = false } = {}) {
    const events = new EventTarget();
    const store = new Map(Object.entries(kept));
    const page = {
        location: { href }, bars: [], store,
        history: {
            state: { place: 7 },
            replaceState: (state, _, address) => {
                page.location.href = address;
                page.bars.push([state, address]);
            },
        },
        get sessionStorage() {
            if (isForbidden) throw new DOMException("", "SecurityError");
            return {
                getItem: (name) => store.get(name) ?? null,
                setItem: (name, value) => store.set(name, value),
                removeItem: (name) => store.delete(name),
            };
        },
        addEventListener: (type, listener) => events.addEventListener(type, listener),
        say: (type, more = {}) => events.dispatchEvent(Object.assign(new Event(type), more)),
    };
    return page;
}

test("a key is cut out of an address, and nothing else is touched", () => {
    const expected = {
        "http://x/watch/door#key=K~1_-": ["K~1_-", "http://x/watch/door"],
        "http://x/?lang=ru#key=a.b.c": ["a.b.c", "http://x/?lang=ru"],
        "http://x/doctor#key=K&check-head": ["K", "http://x/doctor#check-head"],
        "http://x/doctor#check-head&key=K": ["K", "http://x/doctor#check-head"],
        "http://x/?a=%20+b&key=K&c": ["K", "http://x/?a=%20+b&c"],
        "http://x/?key=query#key=fragment": ["fragment", "http://x/"],
        "http://x/?key=K": ["K", "http://x/"],
        "http://x/#key=": ["", "http://x/"],
        "http://x/#key=%41b": ["Ab", "http://x/"],
        "http://x/#key=%": ["%", "http://x/"],
        "http://x/?monkey=1&keys=2#key": [null, "http://x/?monkey=1&keys=2#key"],
        "http://x/watch/door": [null, "http://x/watch/door"],
    };
    for (const [href, [key, address]] of Object.entries(expected)) {
        assert.deepEqual(cutKey(href), { key, address }, href);
    }
});

test("a key is found in what people paste", () => {
    const expected = {
        "  abc-DEF_~123\n": "abc-DEF_~123",
        "eyJh.eyJl.c2ln": "eyJh.eyJl.c2ln",
        "https://cam.example/watch/door#key=eyJh.eyJl.c2ln": "eyJh.eyJl.c2ln",
        "cam.example/camera?camera=door#key=abc": "abc",
        "https://cam.example/stream/door?key=abc&x=1": "abc",
        "Here you are: https://cam.example/#key=abc see you": "abc",
        "https://cam.example/watch/door": "", "two words": "", "ключ": "", "": "", "   ": "",
        "#key=": "", "#key=%D0%BA": "",
    };
    for (const [text, key] of Object.entries(expected)) assert.equal(keyFrom(text), key, text);
    assert.equal(keyFrom("x".repeat(4096)).length, 4096);
    assert.equal(keyFrom("x".repeat(4097)), "");
});

test("a key leaves the address bar at once and stays in the tab", () => {
    const page = fakePage("http://x/watch/door?lang=ru#key=K1");
    const key = new SessionKey(page);
    assert.equal(key.value, "K1");
    assert.deepEqual(page.bars, [[{ place: 7 }, "http://x/watch/door?lang=ru"]]);
    assert.deepEqual([...page.store], [["evrelay.key", "K1"]]);
    const next = new SessionKey(fakePage("http://x/", Object.fromEntries(page.store)));
    assert.equal(next.value, "K1");
});

test("an address without a key leaves bar and key alone; an empty one forgets it", () => {
    const page = fakePage("http://x/#check-head", { "evrelay.key": "K1" });
    assert.equal(new SessionKey(page).value, "K1");
    assert.deepEqual(page.bars, []);
    const forgetful = fakePage("http://x/#key=", { "evrelay.key": "K1" });
    assert.equal(new SessionKey(forgetful).value, "");
    assert.equal(forgetful.store.size, 0);
});

test("a new key in the fragment takes effect, also the same again", () => {
    const page = fakePage("http://x/#key=K1");
    const key = new SessionKey(page);
    const seen = [];
    key.addEventListener("change", () => seen.push(key.value));
    for (const fragment of ["#key=K2", "#key=K2", "#check-head"]) {
        page.location.href = `http://x/${fragment}`;
        page.say("hashchange");
    }
    assert.deepEqual(seen, ["K2", "K2"]);
    assert.deepEqual(page.bars.map(([, address]) => address), ["http://x/", "http://x/", "http://x/"]);
});

test("a page out of the back-forward cache takes the tab's newer key", () => {
    const page = fakePage("http://x/", { "evrelay.key": "old" });
    const key = new SessionKey(page);
    let changes = 0;
    key.addEventListener("change", () => (changes += 1));
    page.say("pageshow", { persisted: true });
    page.store.set("evrelay.key", "new");
    page.say("pageshow", { persisted: false });
    assert.equal(key.value, "old");
    page.say("pageshow", { persisted: true });
    assert.deepEqual([key.value, changes], ["new", 1]);
});

test("where storage is forbidden the key lasts as long as the page", () => {
    const page = fakePage("http://x/#key=K1", {}, { isForbidden: true });
    const key = new SessionKey(page);
    page.say("pageshow", { persisted: true });
    assert.equal(key.value, "K1");
    key.keep("");
    assert.equal(key.value, "");
});

test("a key goes into the header of a request, and into the address only of what can send none", () => {
    const none = new SessionKey(fakePage("http://x/"));
    assert.deepEqual(none.headers, {});
    assert.equal(none.in("http://x/stream/door?connection=1"), "http://x/stream/door?connection=1");
    const key = new SessionKey(fakePage("http://x/#key=a.b-c_~"));
    assert.deepEqual(key.headers, { Authorization: "Bearer a.b-c_~" });
    assert.equal(key.in("http://x/stream/door?connection=1"), "http://x/stream/door?connection=1&key=a.b-c_~");
    assert.equal(key.in("http://x/doctor/socket"), "http://x/doctor/socket?key=a.b-c_~");
});

test("what is no key is left to the server to refuse", () => {
    const key = new SessionKey(fakePage("http://x/#key=ключ%0A"));
    assert.deepEqual(key.headers, { Authorization: `Bearer ${encodeURIComponent("ключ\n")}` });
    assert.ok(new Headers(key.headers));
});

test("every request says whose page it is and carries the key, unless told not to", async () => {
    const sent = [];
    globalThis.fetch = async (url, options) => {
        sent.push([url, new Headers(options.headers)]);
        return new Response("{}");
    };
    sessionKey.keep("K1");
    await request("http://x/cameras", {}, limits(), withJSON);
    await request("http://x/upload", { headers: { "Content-Type": "image/jpeg" } }, limits(), withJSON);
    await request("http://x/doctor/info", {}, { ...limits(), isKeyless: true }, withJSON);
    assert.deepEqual(sent.map(([, headers]) => headers.get("X-Requested-With")), Array(3).fill("EvRelay"));
    assert.deepEqual(sent.map(([, headers]) => headers.get("Authorization")), ["Bearer K1", "Bearer K1", null]);
    assert.equal(sent[1][1].get("Content-Type"), "image/jpeg");
    assert.ok(sent.every(([url]) => !url.includes("K1")));
});

test("a frame is told from the answer in its place", async () => {
    const shown = await withFrameOrJSON(new Response("jpeg"));
    assert.equal(await shown.frame.text(), "jpeg");
    assert.equal(shown.refusal, null);
    const refused = await withFrameOrJSON(new Response('{"reason":"right-missing"}', { status: 403 }));
    assert.deepEqual([refused.frame, refused.refusal.body.reason], [null, "right-missing"]);
});

test("each publisher's name is another and is as the server takes it", () => {
    const names = new Set(Array.from({ length: 100 }, newPublisherID));
    assert.equal(names.size, 100);
    for (const name of names) assert.match(name, /^[A-Za-z0-9_-]{8,64}$/);
});
