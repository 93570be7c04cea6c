// SPDX-License-Identifier: MIT

/// The delimiter that a `MultipartReader` searches for: named in Content-Type, or taken from the first line.
struct MultipartBoundary: Sendable {
    /// The result of a look at the beginning of a line.
    enum Finding: Equatable {
        /// The delimiter, which is now known.
        case delimiter
        /// Anything else.
        case other
        /// At least this many bytes are needed to decide.
        case needMore(Int)
    }

    /// The result of a search in the bytes of a part without a length.
    enum BodyFinding: Equatable {
        /// This many bytes, 1 or more, belong to the part.
        case data(Int)
        /// The delimiter comes next, and the part ends before it.
        case end
        /// At least this many bytes are needed to decide.
        case needMore(Int)
    }

    /// The longest boundary in bytes (RFC 2046 §5.1.1).
    private static let maxBytes = 70

    /// CRLF, dashes and boundary; empty until the delimiter is known.
    private var pattern: [UInt8] = []
    /// The possible delimiters, dashes included; none if the delimiter has to be taken from the first line.
    private var candidates: [[UInt8]] = []
    private let name: String?

    /// Creates it from the boundary in Content-Type; nil to take it from the first line. Some cameras name `--word` in
    /// Content-Type and write `--word`, others `----word`: the first delimiter decides.
    init(_ name: String?) {
        self.name = name
        guard let name else { return }
        candidates.append(Array("--\(name)".utf8))
        if name.utf8.starts(with: "--".utf8) { candidates.append(Array(name.utf8)) }
    }

    var isNamed: Bool { name != nil }

    /// The delimiter's bytes, without the CRLF before it.
    var delimiterByteCount: Int { pattern.count - 2 }

    /// Throws if the boundary from Content-Type is not valid.
    func checkName() throws(MultipartError) {
        if let name { try Self.check(name.utf8.span) }
    }

    /// Looks for a named delimiter at the beginning of `window`, which begins a line.
    mutating func find(_ window: Span<UInt8>) -> Finding {
        for candidate in candidates {
            let common = min(window.count, candidate.count)
            guard ByteSearch.has(candidate.span.extracting(first: common), at: 0, in: window) else { continue }
            guard common == candidate.count else { return .needMore(candidate.count) }
            adopt(candidate.span)
            return .delimiter
        }
        return .other
    }

    /// Takes the delimiter from the first line, given without its CRLF.
    mutating func take(from line: Span<UInt8>) throws(MultipartError) {
        let end = ASCII.trimmed(line, 0..<line.count).upperBound
        guard end > 2, line[0] == ASCII.dash, line[1] == ASCII.dash else { throw .noBoundary }
        try Self.check(line.extracting(2..<end))
        adopt(line.extracting(first: end))
    }

    /// Returns true if `window`, however short, could be the beginning of the delimiter.
    func matchesDelimiter(_ window: Span<UInt8>) -> Bool {
        let common = min(window.count, delimiterByteCount)
        return ByteSearch.has(pattern.span.extracting(2..<(2 + common)), at: 0, in: window)
    }

    /// Searches for CRLF and delimiter. Bytes that may be their beginning are held back.
    func findEnd(in window: Span<UInt8>, isPartEmpty: Bool) -> BodyFinding {
        // In an empty part, the CRLF before the delimiter is the one that ended the part's head.
        if isPartEmpty, matchesDelimiter(window) {
            return window.count >= delimiterByteCount ? .end : .needMore(delimiterByteCount)
        }
        let pattern = pattern.span
        var start = 0
        while let found = ByteSearch.first(ASCII.carriageReturn, in: window, from: start) {
            var matched = 1
            while matched < pattern.count, found + matched < window.count,
                window[found + matched] == pattern[matched]
            { matched += 1 }
            if matched == pattern.count { return found == 0 ? .end : .data(found) }
            if found + matched == window.count { return found == 0 ? .needMore(pattern.count) : .data(found) }
            // CR occurs only at the beginning of the pattern, so no match can begin inside the matched bytes.
            start = found + matched
        }
        return window.isEmpty ? .needMore(1) : .data(window.count)
    }

    private mutating func adopt(_ delimiter: Span<UInt8>) {
        pattern.append("\r\n")
        for index in delimiter.indices { pattern.append(delimiter[index]) }
    }

    private static func check(_ boundary: Span<UInt8>) throws(MultipartError) {
        var isValid = (1...maxBytes).contains(boundary.count)
        for index in boundary.indices where !ASCII.boundary.contains(boundary[index]) { isValid = false }
        guard isValid else { throw .badBoundary(ASCII.excerpt(boundary)) }
    }
}
