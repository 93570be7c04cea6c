// SPDX-License-Identifier: MIT

/// The query of a request target, `name=value` pairs between `&`. Nothing is decoded before it is asked for.
public struct Query: Sendable {
    /// The head that the query lies in, shared with it.
    private let bytes: [UInt8]
    private let range: Range<Int>

    /// What stands behind a second question mark is left out: scripts put `?` and the time behind whatever address they
    /// have, so as not to be served from a cache.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        var end = range.lowerBound
        while end < range.upperBound, bytes[end] != 0x3F { end += 1 }
        self.range = range.lowerBound..<end
    }

    /// No query, or nothing behind the question mark.
    public var isEmpty: Bool { range.isEmpty }

    /// The first value of `name`, percent- and plus-decoded; empty for a name without `=`, nil if it is not there.
    public subscript(name: String) -> String? {
        let span = bytes.span
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, bytes[end] != 0x26 { end += 1 }
            var nameEnd = start
            while nameEnd < end, bytes[nameEnd] != ASCII.equals { nameEnd += 1 }
            if Self.text(span, start..<nameEnd) == name {
                return Self.text(span, min(nameEnd + 1, end)..<end)
            }
            start = end + 1
        }
        return nil
    }

    /// The target was checked as a whole, so this is nil for no query that a `RequestHead` holds.
    private static func text(_ span: Span<UInt8>, _ range: Range<Int>) -> String? {
        PercentCoding.decode(span, range, plusIsBlank: true).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
