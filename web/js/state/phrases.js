// SPDX-License-Identifier: MIT
// @ts-check

/** @typedef {import("../ui/i18n.js").Translator} Translator */
/** @typedef {import("./diagnosis.js").Finding} Finding */

/**
 * A finding's numbers as this language writes them; values that are messages themselves become their words.
 * @param {Translator} words @param {Finding["values"]} values
 */
function spoken(words, values) {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => {
        if (name === "age") return [name, words.age(Number(value))];
        if (name === "ms" || name === "small" || name === "error" || name === "fps") {
            return [name, words.number(Number(value))];
        }
        return [name, typeof value === "string" && words.has(value) ? words.t(value) : value];
    }));
}

/** @param {Translator} words @param {Finding} finding */
export function sentence(words, { say, values }) {
    return say === "" ? "" : words.t(say, spoken(words, values));
}

/** @param {Translator} words @param {Finding} finding */
export function advice(words, { advice, values }) {
    return advice === "" ? "" : words.t(advice, spoken(words, values));
}

/**
 * The whole diagnosis as plain text for a question to somebody else: no query of the address, and not whose it is.
 * @param {Translator} words @param {Finding[]} findings
 * @param {{page: import("./measurements.js").Page, version: string, browser: string, at: Date}} about
 */
export function report(words, findings, { page, version, browser, at }) {
    const lines = findings.map((finding) => {
        const anonymous = "client" in finding.values ? { ...finding.values, client: "…" } : finding.values;
        const said = sentence(words, { ...finding, values: anonymous });
        return `[${words.t(`doctor.state.${finding.state}`)}] ${words.t(`doctor.${finding.check}`)}: ${said}`;
    });
    return [
        `EvRelay ${version} · ${words.t("doctor.title")}`,
        `${page.origin}${page.prefix}doctor`, at.toISOString(), browser, "", ...lines, "",
    ].join("\n");
}
