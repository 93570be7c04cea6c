// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose, summarize, toChange } from "../../web/js/state/diagnosis.js";
import { report, sentence } from "../../web/js/state/phrases.js";
import { remediesFor } from "../../web/js/state/remedies.js";
import { Translator } from "../../web/js/ui/i18n.js";
import en from "../../web/locales/doctor-en.js";
import ru from "../../web/locales/doctor-ru.js";

const english = new Translator("en", { en, ru });
const russian = new Translator("ru", { en, ru });
const page = {
    protocol: "https:", host: "cam.example", hostname: "cam.example", origin: "https://cam.example", prefix: "/cam/",
};
const info = {
    server: "a", version: "0.3.0", time_us: 0, client: "203.0.113.7", peer: "10.0.0.1", forwarded: true, trusted: true,
    scheme: "https", host: "cam.example", protocol: "HTTP/1.1", publishing: true, max_frame_bytes: 5 * 1024 * 1024,
};
const reach = { status: 200, info, tripMs: 12, leadMs: 0, offsetMs: 3, errorMs: 6 };
const stream = {
    status: 200, headMs: 15, firstMs: 265, delaysMs: [1, 2, 0, 3, 1, 2, 1, 9], parts: 8, intervalMs: 250,
};
const echo = { status: 200, ms: 20, isRelay: true, reason: "" };
const device = { isSecure: true, hasCamera: true, permission: "prompt", tried: "" };
const good = {
    page, reach, small: stream, large: stream, socket: { tripMs: 4 }, upload: { small: echo, large: echo }, body: echo,
    device, support: { lacks: [], canStayAwake: true },
};
const order = [
    "reach", "head", "small", "large", "socket", "upload", "body", "clock", "proxy", "host", "scheme", "protocol",
    "publishing", "secure", "camera", "browser",
];
const find = (all, check) => diagnose(all).find((finding) => finding.check === check);
const said = (all, check, words = english) => sentence(words, find(all, check));
const asked = (part, rest = {}) => ({ ...good, ...rest, reach: { ...reach, info: { ...info, ...part } } });

test("a good way to the relay is fine in every check", () => {
    assert.deepEqual(diagnose(good).map(({ check }) => check), order);
    for (const { check, state, advice, remedy } of diagnose(good)) {
        assert.equal(`${state}${advice}${remedy}`, "fine", check);
    }
    assert.deepEqual(summarize(diagnose(good)), { state: "fine", say: "doctor.all-fine", count: 0 });
});

test("what is not measured yet is being checked, and so is the whole", () => {
    assert.ok(diagnose({ page }).every(({ state }) => state === "checking"));
    assert.equal(find({ page, reach }, "small").state, "checking");
    assert.equal(find({ page, reach }, "proxy").state, "fine");
    assert.equal(summarize(diagnose({ ...good, body: undefined })).state, "checking");
});

test("without the relay only what this device knows is told, and one thing is to change", () => {
    for (const [status, say] of [[0, "lost"], [502, "foreign"], [200, "foreign"]]) {
        const findings = diagnose({ page, reach: { ...reach, status, info: null }, device, support: good.support });
        assert.equal(findings[0].say, `doctor.reach.${say}`);
        const states = findings.slice(1).map(({ state }) => state);
        assert.deepEqual(states, [...Array(12).fill("unavailable"), "fine", "fine", "fine"]);
        assert.equal(summarize(findings).count, 1);
    }
});

test("a far relay is told with its round trip", () => {
    assert.equal(find({ ...good, reach: { ...reach, tripMs: 500 } }, "reach").state, "fine");
    assert.match(said({ ...good, reach: { ...reach, tripMs: 501 } }, "reach"), /takes 501 ms/);
});

test("a head that comes with the first part was held back", () => {
    assert.equal(find({ ...good, small: { ...stream, headMs: 140 } }, "head").state, "fine");
    assert.equal(find({ ...good, small: { ...stream, headMs: 141 } }, "head").say, "doctor.head.held");
    assert.equal(find({ ...good, small: { ...stream, headMs: 2015, firstMs: 2016 } }, "head").state, "warning");
});

test("parts that wait for others were collected; a single late one is the network", () => {
    const judged = (delaysMs) => find({ ...good, small: { ...stream, delaysMs } }, "small").say;
    assert.equal(judged([1750, 1500, 1250, 1000, 750, 500, 250, 0]), "doctor.parts.buffered");
    assert.equal(judged([250, 0, 251, 1, 250, 0, 252, 2]), "doctor.parts.buffered");
    assert.equal(judged(Array(8).fill(250)), "doctor.parts.buffered");
    assert.equal(judged([0, 0, 400, 150, 0, 0, 0, 0]), "doctor.parts.uneven");
    assert.equal(judged(Array(8).fill(150)), "doctor.parts.fine");
    assert.equal(said({ ...good, large: { ...stream, delaysMs: Array(8).fill(250) } }, "large", russian),
        "Части по 16 КиБ задерживаются до 250 мс: кто-то по пути их накапливает.");
});

test("a stream that breaks off tells how far it came", () => {
    const cut = { ...stream, delaysMs: [1, 2, 3] };
    assert.equal(said({ ...good, small: cut }, "small"), "The stream broke off: 3 of 8 parts arrived (status 200).");
    const refused = { ...stream, status: 503, delaysMs: [] };
    assert.equal(find({ ...good, small: refused }, "head").say, "doctor.parts.broken");
});

test("one remedy for several findings is one thing to change, and the later ones point to the first", () => {
    const buffered = { ...stream, headMs: 2000, firstMs: 2001, delaysMs: [1750, 1500, 1250, 1000, 750, 500, 250, 0] };
    const findings = diagnose({ ...good, small: buffered, large: buffered });
    assert.deepEqual(findings.slice(1, 4).map(({ state, sameAs }) => [state, sameAs]),
        [["warning", ""], ["problem", "head"], ["problem", "head"]]);
    const whole = summarize(findings);
    assert.equal(english.t(whole.say, whole), "1 thing to change");
    assert.equal(whole.state, "problem");
    assert.deepEqual(toChange(findings).map(({ check }) => check), ["head"]);
});

test("a limit is blamed on the proxy only if the answer is not the relay's", () => {
    const refused = { ...echo, status: 413, isRelay: false };
    assert.equal(find({ ...good, body: refused }, "body").say, "doctor.body.limited");
    assert.equal(find({ ...good, body: { ...refused, isRelay: true } }, "body").say, "doctor.body.failed");
    assert.equal(find({ ...good, body: { ...refused, status: 0 } }, "body").say, "doctor.body.lost");
    assert.match(remediesFor("body", page, info)[0].lines, /client_max_body_size 0;/);
});

test("uploads that are refused as foreign are cured at the host name, or by naming the origin", () => {
    const foreign = { ...echo, status: 403, reason: "origin-not-allowed" };
    const upload = { small: foreign, large: foreign };
    assert.equal(find({ ...good, upload, body: foreign }, "upload").remedy, "origin");
    const { remedy, sameAs } = find({ ...good, upload, body: foreign }, "body");
    assert.deepEqual([remedy, sameAs], ["origin", "upload"]);
    const elsewhere = asked({ host: "127.0.0.1:30333" }, { upload, body: foreign });
    assert.equal(find(elsewhere, "upload").remedy, "host");
    assert.equal(find(elsewhere, "host").sameAs, "upload");
});

test("a WebSocket that fails is blamed on the proxy, or on the host name where that explains it", () => {
    const remedy = (part) => find(asked(part, { socket: { tripMs: null } }), "socket").remedy;
    assert.equal(remedy({}), "upgrade");
    assert.equal(remedy({ host: "127.0.0.1:30333" }), "host");
    assert.equal(remedy({ host: "127.0.0.1:30333", protocol: "HTTP/1.0" }), "upgrade");
});

test("a slow upload tells what it allows", () => {
    const upload = { small: echo, large: { ...echo, ms: 2000 } };
    assert.equal(said({ ...good, upload }, "upload"),
        "64 KiB take 2,000 ms to send: 0.5 frames of that size a second at most.");
    assert.equal(find({ ...good, upload: { small: echo, large: { ...echo, status: 0 } } }, "upload").state, "problem");
});

test("clocks may differ by two seconds beyond what cannot be known", () => {
    const clock = (offsetMs) => find({ ...good, reach: { ...reach, offsetMs } }, "clock").state;
    assert.deepEqual([2006, -2006, 2007, -2007].map(clock), ["fine", "fine", "warning", "warning"]);
    assert.match(said({ ...good, reach: { ...reach, offsetMs: -3.7e6 } }, "clock"), /differ by 1 h/);
});

test("a proxy is named, and has to be trusted and to name the visitor", () => {
    assert.match(said(good, "proxy"), /^A trusted proxy \(10\.0\.0\.1\) .* 203\.0\.113\.7\.$/);
    assert.equal(find(asked({ trusted: false }), "proxy").remedy, "trust");
    assert.match(remediesFor("trust", page, { ...info, peer: "unix" })[0].lines, /EVRELAY_TRUSTED_PROXY=unix\n/);
    const direct = asked({ forwarded: false, trusted: false, peer: "203.0.113.7" });
    assert.equal(find(direct, "proxy").say, "doctor.proxy.none");
    for (const peer of ["127.0.0.1", "::1", "unix"]) {
        const silent = asked({ forwarded: false, trusted: false, peer });
        assert.equal(find(silent, "proxy").say, "doctor.proxy.silent", peer);
        assert.equal(find({ ...silent, page: { ...page, hostname: "localhost" } }, "proxy").say, "doctor.proxy.none");
        const open = find(asked({ forwarded: false, trusted: false, peer, publishing_by: "this-machine" }), "proxy");
        assert.deepEqual([open.say, open.state, open.remedy], ["doctor.proxy.open", "problem", "forwarded"]);
    }
    assert.equal(find(asked({ client: info.peer }), "proxy").say, "doctor.proxy.silent");
    // A visitor on the proxy's own machine is named by the very same address.
    assert.equal(find(asked({ client: info.peer, named: true }), "proxy").say, "doctor.proxy.trusted");
    const lines = remediesFor("forwarded", page, info).map(({ lines }) => lines).join("\n");
    assert.match(lines, /proxy_set_header X-Forwarded-For /);
    assert.match(lines, /EVRELAY_TRUSTED_PROXY=10\.0\.0\.1/);
});

test("what the relay believes is compared with the page's address", () => {
    assert.equal(find(asked({ host: "CAM.example" }), "host").state, "fine");
    assert.equal(find(asked({ host: "upstream" }), "host").state, "problem");
    assert.equal(find(asked({ scheme: "http" }), "scheme").remedy, "scheme");
    assert.equal(find(asked({ scheme: "http", trusted: false }), "scheme").sameAs, "proxy");
    assert.equal(find(asked({ protocol: "HTTP/1.0" }), "protocol").state, "warning");
});

test("a visitor who may not send is told why, and has nothing to change", () => {
    const visitor = diagnose(asked({ publishing: false, publishing_reason: "publishing-not-allowed" }));
    const { state, remedy } = visitor.find(({ check }) => check === "publishing");
    assert.deepEqual([state, remedy, summarize(visitor).state], ["unavailable", "publishing", "fine"]);
    assert.equal(said(asked({ publishing: false, publishing_reason: "publishing-not-allowed" }), "publishing"),
        "This device may not send a camera: sending is allowed from the server's own machine only.");
});

test("a camera is told apart: insecure, absent, asked for, refused, busy, working", () => {
    const seen = (part) => find({ ...good, device: { ...device, ...part } }, "camera").say.slice(14);
    assert.equal(seen({ isSecure: false, hasCamera: false }), "insecure");
    assert.equal(seen({ hasCamera: false }), "missing");
    assert.equal(seen({ permission: "unknown" }), "prompt");
    assert.equal(seen({ permission: "granted" }), "granted");
    assert.equal(seen({ permission: "denied" }), "denied");
    assert.equal(seen({ tried: "NotAllowedError" }), "denied");
    assert.equal(seen({ tried: "NotFoundError" }), "missing");
    assert.equal(seen({ tried: "NotReadableError", permission: "granted" }), "busy");
    assert.equal(seen({ tried: "works" }), "works");
});

test("a browser that lacks something is named what", () => {
    assert.match(said({ ...good, support: { lacks: ["a", "b"], canStayAwake: true } }, "browser"), /: a, b\.$/);
    assert.equal(find({ ...good, support: { lacks: [], canStayAwake: false } }, "browser").state, "warning");
});

test("lines carry the page's own path, name and peer", () => {
    const nginx = (name) => remediesFor(name, page, info).find(({ program }) => program === "nginx").lines;
    assert.match(nginx("location"), /^location \/cam\/ \{\n {4}proxy_pass http:\/\/127\.0\.0\.1:30333\/;/);
    assert.match(nginx("buffering"), /^# location \/cam\/ \{ … \}\nproxy_buffering off;/);
    assert.match(nginx("certificate"), /server_name cam\.example;/);
    const caddy = (prefix) => remediesFor("location", { ...page, prefix }, info)[1].lines.split("\n")[0];
    assert.deepEqual(["/", "/cam/"].map(caddy), ["reverse_proxy 127.0.0.1:30333", "handle_path /cam/* {"]);
    assert.equal(remediesFor("", page, info).length, 0);
});

test("a report has every check and neither the query nor the visitor's address", () => {
    const about = { page, version: "0.3.0", browser: "Browser/1", at: new Date(0) };
    const text = report(russian, diagnose(good), about);
    const head = ["EvRelay 0.3.0 · Проверка связи", "https://cam.example/cam/doctor", "1970-01-01T00:00:00.000Z"];
    assert.deepEqual(text.split("\n").slice(0, 3), head);
    for (const check of order) assert.ok(text.includes(`[В порядке] ${ru[`doctor.${check}`]}: `), check);
    assert.ok(!text.includes(info.client));
});
