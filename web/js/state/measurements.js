// SPDX-License-Identifier: MIT
// @ts-check

/**
 * What the server says about a request (`doctor/info`).
 * @typedef {{server: string, version: string, time_us: number, client: string, peer: string, forwarded: boolean,
 *   trusted: boolean, named?: boolean, scheme: string, host: string, protocol: string, publishing: boolean,
 *   publishing_reason?: string | null, publishing_by?: string | null, https_url?: string | null, max_frame_bytes: number}} Info
 */
/**
 * Where the page lies: `prefix` is the path of the site's root, "/" or "/cam/".
 * @typedef {{protocol: string, host: string, hostname: string, origin: string, prefix: string}} Page
 */
/**
 * The median round trip; the largest lead of the server's clock that an answer showed, network included
 * (`leadMs`, see `delays`); the difference of the clocks and how far it may be off. Info is null when something else
 * answered, status 0 when nothing did.
 * @typedef {{status: number, info: Info | null, tripMs: number, leadMs: number, offsetMs: number,
 *   errorMs: number}} Reach
 */
/**
 * One timed stream. `firstMs` from the request to the first byte of the body.
 * @typedef {{status: number, headMs: number, firstMs: number, delaysMs: number[], parts: number,
 *   intervalMs: number}} TimedStream
 */
/** @typedef {{status: number, ms: number, isRelay: boolean, reason: string}} Echo `status` 0: the connection broke. */
/** @typedef {"granted" | "prompt" | "denied" | "unknown"} Permission */
/**
 * `tried` is empty before the camera was tried, "works" or the name of getUserMedia's error after.
 * @typedef {{isSecure: boolean, hasCamera: boolean, permission: Permission, tried: string}} Device
 */
/** @typedef {{lacks: string[], canStayAwake: boolean}} Support */
/**
 * Everything the page measures; what is not measured yet is absent.
 * @typedef {{page: Page, reach?: Reach, small?: TimedStream, large?: TimedStream, socket?: {tripMs: number | null},
 *   upload?: {small: Echo, large: Echo}, body?: Echo, device?: Device, support?: Support}} Measurements
 */

/**
 * Several answers of `doctor/info` in one: sent and received by this device's clock, stamped by the server's.
 * @param {{sentMs: number, receivedMs: number, stampMs: number}[]} answers At least one.
 */
export function roundTrips(answers) {
    const trips = answers.map(({ sentMs, receivedMs }) => receivedMs - sentMs);
    const quickest = answers[trips.indexOf(Math.min(...trips))];
    return {
        tripMs: median(trips),
        leadMs: Math.max(...answers.map(({ receivedMs, stampMs }) => stampMs - receivedMs)),
        // The stamp was made somewhere between sending and receiving: in the middle, give or take half the trip.
        offsetMs: quickest.stampMs - (quickest.sentMs + quickest.receivedMs) / 2,
        errorMs: Math.min(...trips) / 2,
    };
}

/**
 * How much longer than the quickest answer each part was on its way. Both clocks are compared with the same lead, so
 * neither their difference nor a network that is slower in one direction matters.
 * @param {{arrivedMs: number, stampMs: number}[]} parts @param {number} leadMs
 */
export function delays(parts, leadMs) {
    return parts.map(({ arrivedMs, stampMs }) => Math.max(0, arrivedMs - stampMs + leadMs));
}

/**
 * The upper median: of two parts that arrive together, the one that waited.
 * @param {number[]} values
 */
export function median(values) {
    return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
