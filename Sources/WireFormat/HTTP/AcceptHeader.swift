// SPDX-License-Identifier: MIT

/// The media ranges of an Accept field (RFC 9110 section 12.5.1). Weights are ignored, as no caller needs them.
public struct AcceptHeader: Sendable {
    private let text: String

    /// Creates it from the value of the field, which is nil if the request has none.
    public init(_ text: String?) {
        self.text = text ?? ""
    }

    /// Returns true if the field names `type`, ignoring case.
    public func names(_ type: String) -> Bool { anyRange { ASCII.equal($0, caseless: type) } }

    /// Returns true if the field names a type of this kind: `image` for `image/jpeg` and `image/*`.
    public func namesAny(of kind: String) -> Bool {
        let start = kind + "/"
        return anyRange {
            $0.count > start.utf8.count && ASCII.equal($0.extracting(first: start.utf8.count), caseless: start)
        }
    }

    /// Returns true if the field begins with `type`, ignoring case.
    public func begins(with type: String) -> Bool {
        var isFirst = true
        return anyRange { range in
            defer { isFirst = false }
            return isFirst && ASCII.equal(range, caseless: type)
        }
    }

    private func anyRange(where isWanted: (Span<UInt8>) -> Bool) -> Bool {
        let bytes = text.utf8.span
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != ASCII.comma { end += 1 }
            var typeEnd = start
            while typeEnd < end, bytes[typeEnd] != ASCII.semicolon { typeEnd += 1 }
            if isWanted(bytes.extracting(ASCII.trimmed(bytes, start..<typeEnd))) { return true }
            start = end + 1
        }
        return false
    }
}
