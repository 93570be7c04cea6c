// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport

/// Returns true if two frames have the same bytes. A failed expectation then does not print them.
func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool { haveEqualBytes(left.span, right.span) }

/// Frames of one size that differ in a number, which is in a comment after SOI.
struct FrameSeries: Sendable {
    private let base: [UInt8]

    /// The bytes of the comment: marker, length and digits.
    private static let commentBytes = 4 + digits
    private static let digits = 10

    /// Creates a series of frames of exactly `byteCount` bytes, at least `leastBytes`.
    init(byteCount: Int) {
        // Real scan data where it is quick to make; other frames are filled up with comments.
        let rest = byteCount - Self.commentBytes
        if (1_000...100_000).contains(rest) {
            base = JPEGSamples.frame(byteCount: rest)
        } else {
            let small = Self.smallest
            var filling: [UInt8] = []
            var missing = rest - small.count
            while missing >= 4 {
                let length = missing - 4 < 65_534 ? missing - 4 : 65_000
                filling += JPEGBuilder.segment(0xFE, [UInt8](repeating: 0x20, count: length))
                missing -= 4 + length
            }
            base = Array(small[..<2]) + filling + small[2...]
        }
        precondition(base.count == rest, "no frame has exactly \(byteCount) bytes")
    }

    /// A grey picture without Huffman tables, as small as a JPEG can be.
    private static let smallest = JPEGSamples.make {
        $0.application = []
        $0.hasHuffmanTables = false
        ($0.width, $0.height) = (8, 8)
    }

    /// The size of the smallest numbered frame.
    static var leastBytes: Int { smallest.count + commentBytes }

    /// Returns frame `number`.
    func callAsFunction(_ number: Int) -> [UInt8] {
        let text = String(number)
        let padded = String(repeating: "0", count: Self.digits - text.count) + text
        return Array(base[..<2]) + JPEGBuilder.segment(0xFE, Array(padded.utf8)) + base[2...]
    }

    /// Returns the number of a frame, after a check of its every byte.
    func number(of jpeg: [UInt8]) throws -> Int {
        let place = 6..<6 + Self.digits
        guard jpeg.count > place.upperBound, let number = Int(String(decoding: jpeg[place], as: UTF8.self)),
            isSame(jpeg, self(number))
        else { throw WaitError("a frame came out different: \(TestClientError.excerpt(jpeg))") }
        return number
    }
}
