// SPDX-License-Identifier: MIT

/// Up to three ranges of a frame's block that make one part, in the order in which they are sent. They are stored
/// inline, so a part allocates nothing.
public struct PartRanges: Equatable, Sendable {
    private var first: Range<Int> = 0..<0
    private var second: Range<Int> = 0..<0
    private var third: Range<Int> = 0..<0
    /// The number of ranges, 1 to 3.
    public private(set) var count = 0

    init() {}

    /// Creates a part of one range.
    public init(_ range: Range<Int>) { append(range) }

    /// Adds a range. One that begins where the last ends extends the last; an empty one is ignored.
    mutating func append(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        if count > 0, self[count - 1].upperBound == range.lowerBound {
            set(count - 1, self[count - 1].lowerBound..<range.upperBound)
        } else {
            set(count, range)
            count += 1
        }
    }

    /// The size of all ranges together, in bytes.
    public var byteCount: Int { first.count + second.count + third.count }

    /// The range at `index`, 0 to `count` - 1.
    public subscript(index: Int) -> Range<Int> {
        precondition(index >= 0 && index < count, "a part has \(count) ranges")
        return index == 0 ? first : index == 1 ? second : third
    }

    private mutating func set(_ index: Int, _ range: Range<Int>) {
        switch index {
        case 0: first = range
        case 1: second = range
        case 2: third = range
        default: preconditionFailure("a part has at most 3 ranges")
        }
    }
}
