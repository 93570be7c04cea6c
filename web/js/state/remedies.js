// SPDX-License-Identifier: MIT
// @ts-check

/** @typedef {import("./measurements.js").Info} Info */
/** @typedef {import("./measurements.js").Page} Page */
/** Lines for one program, ready to be copied. @typedef {{program: string, lines: string}} Remedy */
/** @typedef {(page: Page, info: Info | null) => Remedy[]} Recipe */

const upstream = "127.0.0.1:30333";

/** @param {string[]} lines */
const nginx = (...lines) => ({ program: "nginx", lines: lines.join("\n") });
/** @param {string[]} lines */
const caddy = (...lines) => ({ program: "Caddy", lines: lines.join("\n") });
/** @param {string[]} lines */
const shell = (...lines) => ({ program: "shell", lines: lines.join("\n") });

/**
 * A setting as a line of the settings file, and as the flag it stands for.
 * @param {string} flag @param {string} [value]
 */
function evrelay(flag, value = "") {
    const variable = `EVRELAY_${flag.toUpperCase().replace(/-/g, "_")}=${value || "on"}`;
    const lines = ["# /etc/evrelay/evrelay.conf", variable, `# ${`evrelay --${flag} ${value}`.trim()}`];
    return { program: "EvRelay", lines: lines.join("\n") };
}

/**
 * Lines of nginx with the place where they belong.
 * @param {Page} page @param {string[]} lines
 */
const inLocation = ({ prefix }, ...lines) => nginx(`# location ${prefix} { … }`, ...lines);

/** @param {string[]} lines */
const indented = (lines) => lines.map((line) => `    ${line}`);

/** Caddy's directives for the site's part of the address. @param {Page} page */
function proxied({ prefix }) {
    const proxy = `reverse_proxy ${upstream}`;
    return prefix === "/" ? [proxy] : [`handle_path ${prefix}* {`, ...indented([proxy]), "}"];
}

/** @param {Page} page @param {string} [why] */
const byItself = (page, why = "reverse_proxy does this by itself") => caddy(`# ${why}`, ...proxied(page));

const forwarding = [
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "proxy_set_header X-Forwarded-Proto $scheme;",
];

/** @type {Record<string, Recipe>} */
const recipes = {
    start: () => [shell("systemctl status evrelay", "journalctl --unit evrelay --lines 20")],
    location: (page) => [
        nginx(
            `location ${page.prefix} {`,
            ...indented([
                `proxy_pass http://${upstream}/;`, "proxy_http_version 1.1;", "proxy_set_header Host $http_host;",
                ...forwarding, "proxy_buffering off;", "proxy_request_buffering off;", "client_max_body_size 0;",
            ]),
            "}"),
        caddy(...proxied(page)),
    ],
    buffering: (page) => [
        inLocation(page, "proxy_buffering off;", "proxy_cache off;", "gzip off;"),
        byItself(page, "no flush_interval: streams pass as they come"),
    ],
    upgrade: (page) => [
        nginx(
            "# http { … }", "map $http_upgrade $evrelay_connection {", "    default upgrade;", "    ''      '';", "}",
            `# location ${page.prefix} { … }`, "proxy_http_version 1.1;", "proxy_set_header Upgrade $http_upgrade;",
            "proxy_set_header Connection $evrelay_connection;"),
        byItself(page),
    ],
    // No number: a streaming upload is one body without an end.
    body: (page) => [
        inLocation(page, "client_max_body_size 0;", "proxy_request_buffering off;"),
        byItself(page, "no request_body { max_size … }"),
    ],
    clock: () => [shell("timedatectl set-ntp true", "timedatectl status")],
    trust: (page, info) => [evrelay("trusted-proxy", info?.peer || "127.0.0.1")],
    forwarded: (page, info) => [
        inLocation(page, ...forwarding), byItself(page), evrelay("trusted-proxy", info?.peer || "127.0.0.1"),
    ],
    scheme: (page, info) => [
        inLocation(page, "proxy_set_header X-Forwarded-Proto $scheme;"), byItself(page),
        evrelay("trusted-proxy", info?.peer || "127.0.0.1"),
    ],
    host: (page) => [inLocation(page, "proxy_set_header Host $http_host;"), byItself(page)],
    origin: ({ origin }) => [evrelay("allow-origin", origin)],
    protocol: (page) => [inLocation(page, "proxy_http_version 1.1;"), byItself(page)],
    publishing: () => [shell("evrelay key --rights publish --cameras '*'"), evrelay("open-publishing")],
    certificate: (page) => [
        evrelay("tls-self-signed"),
        caddy(`${page.hostname} {`, ...indented(proxied(page)), "}"),
        nginx(
            "server {",
            ...indented([
                "listen 443 ssl;", `server_name ${page.hostname};`,
                `ssl_certificate /etc/letsencrypt/live/${page.hostname}/fullchain.pem;`,
                `ssl_certificate_key /etc/letsencrypt/live/${page.hostname}/privkey.pem;`,
                `# location ${page.prefix} { … }`,
            ]),
            "}"),
    ],
};

/**
 * The lines that a finding's remedy names, made for this page and relay.
 * @param {string} remedy @param {Page} page @param {Info | null} info
 */
export function remediesFor(remedy, page, info) {
    return recipes[remedy]?.(page, info) ?? [];
}
