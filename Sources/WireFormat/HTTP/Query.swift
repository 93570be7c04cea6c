// SPDX-License-Identifier: MIT

/// The query of a request target: `name=value` pairs separated by `&`. Values are decoded on access.
public struct Query: Sendable {
    /// The bytes of the head that contains the query, shared with it.
    private let bytes: [UInt8]
    private let range: Range<Int>

    /// Creates it without the text after a second question mark: scripts append `?` and the time to any address, so
    /// that no cache answers.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        var end = range.lowerBound
        while end < range.upperBound, bytes[end] != 0x3F { end += 1 }
        self.range = range.lowerBound..<end
    }

    /// True if there is no query, or nothing after the question mark.
    public var isEmpty: Bool { range.isEmpty }

    /// The first value of `name`, percent- and plus-decoded; empty for a name without `=`, nil if there is none.
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

    /// Returns decoded text. The whole target was checked before, so this is never nil in the query of a `RequestHead`.
    private static func text(_ span: Span<UInt8>, _ range: Range<Int>) -> String? {
        PercentCoding.decode(span, range, plusIsBlank: true).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
