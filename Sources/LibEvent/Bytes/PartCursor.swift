// SPDX-License-Identifier: MIT
import WireFormat

/// A position in the ranges of a part.
struct PartCursor {
    private let parts: PartRanges
    private var index = 0
    private var offset = 0

    init(_ parts: PartRanges) { self.parts = parts }

    /// The rest of the range at this position; nil after the last range.
    var current: Range<Int>? {
        guard index < parts.count else { return nil }
        return parts[index].lowerBound + offset..<parts[index].upperBound
    }

    /// Advances by `count` bytes.
    mutating func advance(_ count: Int) {
        var left = count
        while let range = current {
            guard left >= range.count else {
                offset += left
                return
            }
            left -= range.count
            index += 1
            offset = 0
        }
    }

    /// Copies the next `count` bytes of `source`, which the ranges refer to; there must be that many. Does not advance.
    func copy(_ count: Int, of source: RecordSource, to target: UnsafeMutableRawBufferPointer) {
        var cursor = self
        var copied = 0
        while copied < count, let range = cursor.current {
            let piece = unsafe source.bytes(range.lowerBound..<min(range.upperBound, range.lowerBound + count - copied))
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[copied...]).copyMemory(from: piece)
            copied += piece.count
            cursor.advance(piece.count)
        }
    }
}
