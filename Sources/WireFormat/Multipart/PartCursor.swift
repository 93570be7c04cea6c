// SPDX-License-Identifier: MIT

/// A position in the ranges of a part.
public struct PartCursor {
    private let parts: PartRanges
    private var index = 0
    private var offset = 0

    /// Creates the position of the first byte.
    public init(_ parts: PartRanges) { self.parts = parts }

    /// The rest of the range at this position; nil after the last range.
    public var current: Range<Int>? {
        guard index < parts.count else { return nil }
        return parts[index].lowerBound + offset..<parts[index].upperBound
    }

    /// Advances by `count` bytes.
    public mutating func advance(_ count: Int) {
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
}
