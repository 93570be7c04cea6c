// SPDX-License-Identifier: MIT
// @ts-check
const lineFeed = 10;
/** The server's parts have at most 64 KiB; a body without line ends must not fill the memory. */
const longestLine = 1 << 17;

/** Takes the timed stream apart: one line a part, stamped by the server, complete when its last byte has arrived. */
export class PartReader {
    /** @type {{arrivedMs: number, stampMs: number}[]} */
    parts = [];

    /**
     * Bytes as they came, all at the same moment. Throws at what is no timed stream.
     * @param {Uint8Array} bytes @param {number} arrivedMs
     */
    take(bytes, arrivedMs) {
        let start = 0;
        for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
            this.#line += this.#decoder.decode(bytes.subarray(start, end));
            this.parts.push({ arrivedMs, stampMs: stamp(this.#line) });
            this.#line = "";
            start = end + 1;
        }
        this.#line += this.#decoder.decode(bytes.subarray(start));
        if (this.#line.length > longestLine) throw new RangeError("no line end in the timed stream");
    }

    #line = "";
    // The lines are ASCII: no character is ever cut between two pieces.
    #decoder = new TextDecoder("latin1");
}

/** @param {string} line */
function stamp(line) {
    const { time_us: micros } = JSON.parse(line);
    if (typeof micros !== "number") throw new TypeError("a part without its time");
    return micros / 1000;
}
