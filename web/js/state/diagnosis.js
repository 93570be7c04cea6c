// SPDX-License-Identifier: MIT
// @ts-check
import {
    isHostRight, judgeBrowser, judgeCamera, judgeHost, judgeProtocol, judgeProxy, judgePublishing, judgeScheme,
    judgeSecure,
} from "./judge-setup.js";
import {
    judgeBody, judgeClock, judgeHead, judgeParts, judgeReach, judgeSocket, judgeUpload,
} from "./judge-way.js";
import { unavailable } from "./verdict.js";

/** @typedef {import("./measurements.js").Measurements} Measurements */
/** @typedef {import("./measurements.js").Reach} Reach */
/** @typedef {import("./verdict.js").Verdict} Verdict */
/**
 * `sameAs` names an earlier check whose lines help here too.
 * @typedef {Verdict & {check: string, sameAs: string}} Finding
 */

/**
 * The checks in the order in which they are shown; each says nothing until what it needs is measured.
 * @type {[string, (all: Measurements) => Verdict | undefined][]}
 */
const checks = [
    ["reach", ({ reach, page }) => reach && judgeReach(reach, page)],
    ["head", ({ small }) => small && judgeHead(small)],
    ["small", ({ small }) => small && judgeParts(small, "doctor.size.small")],
    ["large", ({ large }) => large && judgeParts(large, "doctor.size.large")],
    ["socket", ({ socket, reach, page }) =>
        socket && reach?.info ? judgeSocket(socket, isHostRight(reach.info, page), reach.info.protocol) : undefined],
    ["upload", upload],
    ["body", (all) => {
        const before = upload(all);
        return before && all.body && judgeBody(all.body, before);
    }],
    ["clock", ({ reach }) => reach && judgeClock(reach)],
    ["proxy", ({ reach, page }) => reach?.info && judgeProxy(reach.info, page) || undefined],
    ["host", ({ reach, page }) => reach?.info && judgeHost(reach.info, page) || undefined],
    ["scheme", ({ reach, page }) => reach?.info && judgeScheme(reach.info, page) || undefined],
    ["protocol", ({ reach }) => reach?.info && judgeProtocol(reach.info) || undefined],
    ["publishing", ({ reach }) => reach?.info && judgePublishing(reach.info) || undefined],
    ["secure", ({ device }) => device && judgeSecure(device)],
    ["camera", ({ device }) => device && judgeCamera(device)],
    ["browser", ({ support }) => support && judgeBrowser(support)],
];
const withoutRelay = ["reach", "secure", "camera", "browser"];

/** @param {Measurements} all */
function upload({ upload, reach, page }) {
    return upload && reach?.info ? judgeUpload(upload, isHostRight(reach.info, page)) : undefined;
}

/**
 * What was measured, in sentences: one finding for each check.
 * @param {Measurements} all @returns {Finding[]}
 */
export function diagnose(all) {
    const isCut = all.reach !== undefined && all.reach.info === null;
    /** @type {Map<string, string>} */
    const remedied = new Map();
    return checks.map(([check, judge]) => {
        const verdict = isCut && !withoutRelay.includes(check) ? unavailable("doctor.unmeasured") : judge(all);
        if (!verdict) return { check, state: "checking", say: "", values: {}, advice: "", remedy: "", sameAs: "" };
        const { remedy } = verdict;
        const sameAs = remedied.get(remedy) ?? "";
        if (remedy && !sameAs) remedied.set(remedy, check);
        return { ...verdict, check, sameAs };
    });
}

/**
 * The findings with something to change, one for each remedy.
 * @param {Finding[]} findings
 */
export function toChange(findings) {
    return findings.filter(({ state, sameAs }) => (state === "warning" || state === "problem") && sameAs === "");
}

/**
 * All findings in one: how many are still measured, or how many different things there are to change.
 * @param {Finding[]} findings
 */
export function summarize(findings) {
    const open = findings.filter(({ state }) => state === "checking").length;
    const count = toChange(findings).length;
    const worst = findings.some(({ state }) => state === "problem") ? "problem" : "warning";
    if (open > 0) return /** @type {const} */ ({ state: "checking", say: "doctor.measuring", count: open });
    if (count === 0) return /** @type {const} */ ({ state: "fine", say: "doctor.all-fine", count });
    return { state: /** @type {"warning" | "problem"} */ (worst), say: "doctor.to-change", count };
}
