// SPDX-License-Identifier: MIT

/// Byte classes of RFC 9110 §5.6, and the few case-insensitive comparisons that heads need; they create no String.
enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let percent: UInt8 = 0x25
    static let comma: UInt8 = 0x2C
    static let dash: UInt8 = 0x2D
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let openingBracket: UInt8 = 0x5B
    static let closingBracket: UInt8 = 0x5D
    static let equals: UInt8 = 0x3D
    static let backslash: UInt8 = 0x5C
    static let underscore: UInt8 = 0x5F

    /// A set of bytes below 128 in two words: one shift and one mask per byte.
    struct Set: Sendable {
        private var low: UInt64 = 0
        private var high: UInt64 = 0

        init(_ members: String) {
            for byte in members.utf8 where byte < 64 { low |= 1 << UInt64(byte) }
            for byte in members.utf8 where byte >= 64 && byte < 128 { high |= 1 << UInt64(byte - 64) }
        }

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool {
            guard byte < 128 else { return false }
            return ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 != 0
        }
    }

    private static let alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    /// `tchar` of RFC 9110 §5.6.2.
    static let token = Set(alphanumerics + "!#$%&'*+-.^_`|~")

    /// The characters of a host with a port (RFC 3986 §3.2.2 and §3.2.3), user information excluded.
    static let host = Set(alphanumerics + "-._~%!$&'()*+,;=:[]")

    /// The characters of a `token68` (RFC 9110 §11.2), except the equals signs at its end.
    static let token68 = Set(alphanumerics + "-._~+/")

    /// The digits of RFC 4648 §4.
    static let base64 = Set(alphanumerics + "+/")

    /// `bchars` of RFC 2046 §5.1.1, and further characters that cameras use; the quote is not among them.
    static let boundary = Set(alphanumerics + "'()+_,-./:=? @#$*!~|^")

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// Returns true for a control character that a field value may not contain: all except the tab (RFC 9110 §5.5).
    @inline(__always)
    static func isControl(_ byte: UInt8) -> Bool { (byte < space && byte != tab) || byte == 0x7F }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Returns the value of a hexadecimal digit, or nil for any other byte.
    @inline(__always)
    static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- 0x30 }
        let letter = byte | 0x20
        return letter &- 0x61 < 6 ? letter &- 0x61 &+ 10 : nil
    }

    /// Returns true for a host, optionally with a port in digits (RFC 9110 section 7.2); false for an empty text. An
    /// IPv6 address without brackets is accepted, as some clients send it: nothing depends on it.
    static func isHost(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > 0 else { return false }
        var colons = 0
        var lastColon = bytes.count
        var closing = -1
        for index in bytes.indices {
            guard host.contains(bytes[index]) else { return false }
            if bytes[index] == closingBracket { closing = index }
            if bytes[index] == colon { (colons, lastColon) = (colons + 1, index) }
        }
        if bytes[0] == openingBracket {
            guard closing > 0 else { return false }
            if closing == bytes.count - 1 { return true }
            guard lastColon == closing + 1 else { return false }
        } else if colons != 1 {
            return true
        }
        for index in lastColon + 1..<bytes.count where !isDigit(bytes[index]) { return false }
        return true
    }

    /// Returns the value of 1 to 18 decimal digits, which always fits an Int; nil for anything else.
    static func decimal(_ bytes: Span<UInt8>) -> Int? {
        guard (1...18).contains(bytes.count) else { return nil }
        var value = 0
        for index in bytes.indices {
            guard isDigit(bytes[index]) else { return nil }
            value = value * 10 + Int(bytes[index] - 0x30)
        }
        return value
    }

    /// Returns true if the bytes equal those of `text`, ignoring the case of letters.
    static func equal(_ bytes: Span<UInt8>, caseless text: String) -> Bool {
        let wanted = text.utf8.span
        guard bytes.count == wanted.count else { return false }
        for index in bytes.indices where lowercased(bytes[index]) != lowercased(wanted[index]) { return false }
        return true
    }

    /// Returns `range` of `bytes` without the blanks at its ends.
    static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Returns text for a message: printable characters unchanged, every other byte as `?`. After 60 characters an
    /// ellipsis stands for the rest.
    static func excerpt(_ bytes: Span<UInt8>) -> String {
        var text = ""
        for index in 0..<min(bytes.count, 60) {
            let byte = bytes[index]
            text.unicodeScalars.append(byte >= 0x20 && byte < 0x7F ? Unicode.Scalar(byte) : "?")
        }
        return bytes.count > 60 ? text + "…" : text
    }
}
