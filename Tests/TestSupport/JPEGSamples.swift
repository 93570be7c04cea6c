// SPDX-License-Identifier: MIT

/// JPEGs for tests: valid ones of each kind, and a table of odd and broken ones with EvRelay's verdict on each.
public enum JPEGSamples {
    /// Grey, baseline, 64 x 48.
    public static let grey = make { _ in }
    /// Colour, baseline, 64 x 48.
    public static let colour = make { $0.components = 3 }
    /// Grey, progressive, two scans.
    public static let greyProgressive = make { $0.isProgressive = true }
    /// Colour, progressive, four scans.
    public static let progressive = make {
        $0.components = 3
        $0.isProgressive = true
    }
    /// Colour with a restart marker every four blocks.
    public static let restarts = make {
        $0.components = 3
        $0.restartInterval = 4
        $0.byteCount = 3_000
    }
    /// Grey without Huffman tables, as MJPEG cameras send it.
    public static let withoutHuffmanTables = make { $0.hasHuffmanTables = false }

    /// Returns a colour frame of exactly `byteCount` bytes (1,000 and more), most of them entropy-coded data. Each seed
    /// gives another picture.
    public static func frame(byteCount: Int, seed: UInt64 = 1, width: Int = 640, height: Int = 480) -> [UInt8] {
        make {
            $0.components = 3
            $0.byteCount = byteCount
            $0.seed = seed
            // The smallest data of a picture of that size has to fit.
            ($0.width, $0.height) = byteCount < 20_000 ? (64, 48) : (width, height)
        }
    }

    /// Returns the frame of a builder that `change` has adapted to the test.
    public static func make(_ change: (inout JPEGBuilder) -> Void) -> [UInt8] {
        var builder = JPEGBuilder()
        change(&builder)
        return builder.bytes()
    }

    /// Frames at the limit of what EvRelay accepts as a JPEG, and beyond it.
    public static let odd: [(name: String, bytes: [UInt8], isAccepted: Bool)] =
        oddAccepted.map { ($0.0, $0.1, true) } + oddRefused.map { ($0.0, $0.1, false) }

    /// Whole frames followed by bytes that are not part of the picture.
    public static let padded: [(name: String, jpeg: [UInt8], trailing: [UInt8])] =
        oddTrailing.flatMap { name, trailing in
            [("grey and \(name)", grey, trailing), ("colour and \(name)", colour, trailing)]
        }

    static let start: [UInt8] = [0xFF, 0xD8]
    static let end: [UInt8] = [0xFF, 0xD9]
    static let tables = JPEGBuilder.quantization() + JPEGBuilder.huffmanTables()
    static let header = JPEGBuilder.frameHeader(0xC0, width: 8, height: 8, components: [1])
    static let colourHeader = JPEGBuilder.frameHeader(0xC0, width: 8, height: 8, components: [1, 2, 3])
    static let data: [UInt8] = [0x01, 0x40, 0x3F]
    static let scan = JPEGBuilder.scanHeader([1], from: 0, to: 63) + data

    /// Returns SOI, the test's segments, and a grey picture of 8 x 8.
    static func with(_ segments: [UInt8]) -> [UInt8] { start + segments + tables + header + scan + end }

    /// Returns a grey picture of 8 x 8 with another frame header.
    static func headed(_ header: [UInt8], _ scan: [UInt8] = JPEGSamples.scan) -> [UInt8] {
        start + tables + header + scan + end
    }

    /// Returns a grey picture of 8 x 8 with other entropy-coded data.
    static func coded(_ data: [UInt8]) -> [UInt8] {
        start + tables + header + JPEGBuilder.scanHeader([1], from: 0, to: 63) + data + end
    }

    /// Returns a colour picture of 8 x 8 with another scan header.
    static func scanned(_ contents: [UInt8], _ header: [UInt8] = JPEGSamples.colourHeader) -> [UInt8] {
        headed(header, JPEGBuilder.segment(0xDA, contents) + data)
    }
}
