// SPDX-License-Identifier: MIT
// @ts-check
import { fine, problem, unavailable, warning } from "./verdict.js";

/** @typedef {import("./measurements.js").Info} Info */
/** @typedef {import("./measurements.js").Page} Page */
/** @typedef {import("./measurements.js").Device} Device */
/** @typedef {import("./measurements.js").Support} Support */
/** @typedef {import("./verdict.js").Verdict} Verdict */

const ownAddress = /^(unix|::1|127\..*|::ffff:127\..*)$/;
const ownName = /^(localhost|.*\.localhost|127\..*|\[::1\])$/;

/** @param {Info} info @param {Page} page @returns {Verdict} */
export function judgeProxy(
    { forwarded, trusted, named, peer, client, publishing_by: by }, { hostname }) {
    const silent = () => warning("doctor.proxy.silent", { peer }, "doctor.proxy.silent.advice", "forwarded");
    if (forwarded) {
        if (!trusted) return warning("doctor.proxy.untrusted", { peer }, "doctor.proxy.untrusted.advice", "trust");
        // It says that it is a proxy (Via, X-Real-IP), but not for whom.
        return named ?? client !== peer ? fine("doctor.proxy.trusted", { peer, client }) : silent();
    }
    // A page under a public name whose requests come from the server's own machine: a proxy that names nobody.
    if ((ownAddress.test(peer) || trusted) && !ownName.test(hostname)) {
        if (by !== "this-machine") return silent();
        return problem("doctor.proxy.open", { peer }, "doctor.proxy.open.advice", "forwarded");
    }
    return fine("doctor.proxy.none", { client });
}

/** @param {Info} info @param {Page} page */
export function isHostRight({ host }, page) {
    return host.toLowerCase() === page.host.toLowerCase();
}

/** @param {Info} info @param {Page} page @returns {Verdict} */
export function judgeHost(info, page) {
    const { host } = info;
    if (isHostRight(info, page)) return fine("doctor.host.fine", { host });
    return problem("doctor.host.wrong", { page: page.host, host }, "doctor.host.wrong.advice", "host");
}

/** @param {Info} info @param {Page} page @returns {Verdict} */
export function judgeScheme({ scheme, forwarded, trusted }, { protocol }) {
    const page = protocol.replace(":", "");
    if (scheme === page) return fine("doctor.scheme.fine", { page });
    const isDeaf = forwarded && !trusted;
    const advice = isDeaf ? "doctor.proxy.untrusted.advice" : "doctor.scheme.wrong.advice";
    return warning("doctor.scheme.wrong", { page, believed: scheme }, advice, isDeaf ? "trust" : "scheme");
}

/** @param {Info} info @returns {Verdict} */
export function judgeProtocol({ protocol }) {
    if (protocol !== "HTTP/1.0") return fine("doctor.protocol.fine", { protocol });
    return warning("doctor.protocol.old", { protocol }, "doctor.protocol.old.advice", "protocol");
}

/** @param {Info} info @returns {Verdict} */
export function judgePublishing({ publishing, publishing_reason: reason }) {
    if (publishing) return fine("doctor.publishing.fine");
    const why = `refusal.${reason}`;
    if (reason !== "publishing-not-allowed") return unavailable("doctor.publishing.no", { why });
    return unavailable("doctor.publishing.no", { why }, "doctor.publishing.no.advice", "publishing");
}

/** @param {Device} device @returns {Verdict} */
export function judgeSecure({ isSecure }) {
    if (isSecure) return fine("doctor.secure.fine");
    return warning("doctor.secure.no", {}, "doctor.secure.no.advice", "certificate");
}

/** @param {Device} device @returns {Verdict} */
export function judgeCamera({ isSecure, hasCamera, permission, tried }) {
    if (!hasCamera) return unavailable(isSecure ? "doctor.camera.missing" : "doctor.camera.insecure");
    if (tried === "works") return fine("doctor.camera.works");
    if (tried === "NotFoundError" || tried === "OverconstrainedError") return unavailable("doctor.camera.missing");
    if (tried === "NotAllowedError" || tried === "SecurityError" || permission === "denied") {
        return warning("doctor.camera.denied", {}, "doctor.camera.denied.advice");
    }
    if (tried !== "") return warning("doctor.camera.busy", {}, "doctor.camera.busy.advice");
    return fine(permission === "granted" ? "doctor.camera.granted" : "doctor.camera.prompt");
}

/** @param {Support} support @returns {Verdict} */
export function judgeBrowser({ lacks, canStayAwake }) {
    if (lacks.length > 0) {
        return problem("doctor.browser.lacks", { what: lacks.join(", ") }, "doctor.browser.lacks.advice");
    }
    if (!canStayAwake) return warning("doctor.browser.sleepy", {}, "doctor.browser.sleepy.advice");
    return fine("doctor.browser.fine");
}
