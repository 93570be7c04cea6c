// SPDX-License-Identifier: MIT

/// Builds JPEGs that every decoder shows, from a few parameters and without an image library. All Huffman codes are
/// eight bits long, and the coefficients come from a seeded generator, so the same builder makes the same bytes.
public struct JPEGBuilder: Sendable {
    /// Pixels per line.
    public var width = 64
    /// Lines.
    public var height = 48
    /// The number of components: 1 (grey) or 3 (colour, without subsampling).
    public var components = 1
    /// True for progressive: one scan for all DC coefficients, then one for each component's AC coefficients.
    public var isProgressive = false
    /// Blocks between restart markers; 0 for none. Baseline only.
    public var restartInterval = 0
    /// True for a frame with Huffman tables; MJPEG cameras leave them out.
    public var hasHuffmanTables = true
    /// The segments after SOI, in place of the usual JFIF segment.
    public var application = JPEGBuilder.jfif
    /// The size of the whole frame in bytes; nil for the smallest possible. Sizes from 1,000 on are met exactly.
    public var byteCount: Int?
    /// The seed that selects the picture.
    public var seed: UInt64 = 1

    /// Creates a builder of a small grey baseline frame; a test changes the values that it is about.
    public init() {}

    /// Returns the frame.
    public func bytes() -> [UInt8] {
        guard let byteCount else { return build(dataBytes: 0) }
        let least = build(dataBytes: 0)
        // 1 in 50 covers the stuffed bytes; comments fill the rest.
        let wanted = (byteCount - least.count) * 49 / 50 - 64
        var frame = wanted > 0 ? build(dataBytes: wanted) : least
        while byteCount - frame.count >= 4 {
            var length = min(byteCount - frame.count - 4, 65_533)
            // A comment takes at least four bytes, so the remaining size must be 0 or enough for another.
            let rest = byteCount - frame.count - 4 - length
            if (1..<4).contains(rest) { length -= 4 }
            frame.insert(contentsOf: Self.segment(0xFE, [UInt8](repeating: 0x20, count: length)), at: 2)
        }
        return frame
    }

    private var blocks: Int { ((width + 7) / 8) * ((height + 7) / 8) }

    private func build(dataBytes: Int) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        let coefficients = min(63, dataBytes * 8 / (blocks * components * 12))
        var frame: [UInt8] = [0xFF, 0xD8] + application + Self.quantization()
        let all = Array(1...UInt8(components))
        frame += Self.frameHeader(
            isProgressive ? 0xC2 : 0xC0, width: width, height: height, components: all)
        if hasHuffmanTables { frame += Self.huffmanTables() }
        if restartInterval > 0 {
            frame += Self.segment(0xDD, [UInt8(restartInterval >> 8), UInt8(restartInterval & 255)])
        }
        if isProgressive {
            frame += Self.scanHeader(all, from: 0, to: 0)
            frame += data(perBlock: components, coefficients: 0, hasDC: true, hasAC: false, &random)
            for component in all {
                frame += Self.scanHeader([component], from: 1, to: 63)
                frame += data(perBlock: 1, coefficients: coefficients, hasDC: false, hasAC: true, &random)
            }
        } else {
            frame += Self.scanHeader(all, from: 0, to: 63)
            frame += data(perBlock: components, coefficients: coefficients, hasDC: true, hasAC: true, &random)
        }
        return frame + [0xFF, 0xD9]
    }

    private func data(
        perBlock: Int, coefficients: Int, hasDC: Bool, hasAC: Bool, _ random: inout SeededGenerator
    ) -> [UInt8] {
        var writer = EntropyWriter()
        for block in 0..<blocks {
            if restartInterval > 0, block > 0, block % restartInterval == 0 {
                writer.restart(block / restartInterval - 1)
            }
            for _ in 0..<perBlock {
                // Differences of -1 to 1 keep the brightness near the middle.
                if hasDC { writer.write(symbol: 1, size: 1, bits: random.next() & 1) }
                guard hasAC else { continue }
                for _ in 0..<coefficients {
                    let size = 1 + random.next() % 6
                    writer.write(symbol: UInt8(size), size: Int(size), bits: random.next() & ((1 << size) - 1))
                }
                if coefficients < 63 { writer.write(symbol: 0, size: 0, bits: 0) }
            }
        }
        return writer.finished()
    }
}

/// Writes the bits of a scan: eight for a symbol, which is its own code, then those of its value.
private struct EntropyWriter {
    private var bytes: [UInt8] = []
    private var pending: UInt64 = 0
    private var pendingBits = 0

    mutating func write(symbol: UInt8, size: Int, bits: UInt64) {
        pending = pending << UInt64(8 + size) | UInt64(symbol) << UInt64(size) | bits
        pendingBits += 8 + size
        while pendingBits >= 8 {
            pendingBits -= 8
            let byte = UInt8(truncatingIfNeeded: pending >> UInt64(pendingBits))
            bytes.append(byte)
            if byte == 0xFF { bytes.append(0) }
        }
    }

    mutating func restart(_ number: Int) {
        align()
        bytes += [0xFF, 0xD0 + UInt8(number % 8)]
    }

    mutating func finished() -> [UInt8] {
        align()
        return bytes
    }

    /// Fills a scan's last byte with ones.
    private mutating func align() {
        guard pendingBits > 0 else { return }
        let free = 8 - pendingBits
        let byte = UInt8(truncatingIfNeeded: pending << UInt64(free)) | UInt8((1 << free) - 1)
        bytes.append(byte)
        if byte == 0xFF { bytes.append(0) }
        pending = 0
        pendingBits = 0
    }
}

extension JPEGBuilder {
    /// Returns a segment: marker, length, contents.
    public static func segment(_ code: UInt8, _ contents: [UInt8]) -> [UInt8] {
        let length = contents.count + 2
        return [0xFF, code, UInt8(length >> 8), UInt8(length & 255)] + contents
    }

    /// The APP0 segment of JFIF 1.1.
    public static let jfif = segment(0xE0, Array("JFIF".utf8) + [0, 1, 1, 0, 0, 1, 0, 1, 0, 0])

    /// Returns one table of ones, so that random coefficients stay small.
    public static func quantization(_ destination: UInt8 = 0) -> [UInt8] {
        segment(0xDB, [destination] + [UInt8](repeating: 1, count: 64))
    }

    /// Returns DC and AC table 0: the symbols 0 to 11 and 0 to 10, each with its own value in eight bits as its code.
    public static func huffmanTables() -> [UInt8] {
        func table(_ destination: UInt8, _ symbols: ClosedRange<UInt8>) -> [UInt8] {
            var counts = [UInt8](repeating: 0, count: 16)
            counts[7] = UInt8(symbols.count)
            return [destination] + counts + Array(symbols)
        }
        return segment(0xC4, table(0x00, 0...11) + table(0x10, 0...10))
    }

    /// Returns SOFn; every component without subsampling and with quantization table 0.
    public static func frameHeader(
        _ code: UInt8, precision: UInt8 = 8, width: Int, height: Int, components: [UInt8], sampling: UInt8 = 0x11
    ) -> [UInt8] {
        segment(
            code,
            [precision, UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)]
                + [UInt8(components.count)] + components.flatMap { [$0, sampling, 0] })
    }

    /// Returns SOS over these components with Huffman tables 0.
    public static func scanHeader(_ components: [UInt8], from start: UInt8, to end: UInt8) -> [UInt8] {
        segment(0xDA, [UInt8(components.count)] + components.flatMap { [$0, 0] } + [start, end, 0])
    }
}
