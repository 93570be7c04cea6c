// SPDX-License-Identifier: MIT

/// Base64 with the alphabet for URLs and without padding (RFC 4648 §5), as JSON Web Tokens use it (RFC 7515 §2).
public enum Base64URL {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Returns the text of `bytes`: four characters for every three bytes, and two or three for the one or two left.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var pending: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(digits[Int(pending >> bits & 63)])
            }
        }
        if bits > 0 { text.append(digits[Int(pending << (6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns the bytes of `text`; nil unless it is exactly the text that `encode` writes for them: no padding, no
    /// blanks, and no unused bit set. Two texts for the same bytes would be two tokens with one signature.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        Base64.decode(text) { digit in
            switch digit {
            case ASCII.dash: 62
            case ASCII.underscore: 63
            default: Base64.alphanumericValue(digit)
            }
        }
    }
}

/// The rules that both alphabets of RFC 4648 share.
enum Base64 {
    /// Returns the bytes of a padded text (RFC 4648 §4), by the same strict rules; nil for anything else.
    static func decodePadded(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var count = text.count
        while count > 0, text.count - count < 2, text[count - 1] == ASCII.equals { count -= 1 }
        return decode(text.extracting(first: count)) { digit in
            switch digit {
            case 0x2B: 62
            case ASCII.slash: 63
            default: alphanumericValue(digit)
            }
        }
    }

    /// Returns the value of a digit that both alphabets share; nil for any other.
    static func alphanumericValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x41...0x5A: digit - 0x41
        case 0x61...0x7A: digit - 0x61 + 26
        case 0x30...0x39: digit - 0x30 + 52
        default: nil
        }
    }

    fileprivate static func decode(_ text: Span<UInt8>, _ value: (UInt8) -> UInt8?) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 2)
        var pending: UInt32 = 0
        var bits: UInt32 = 0
        for index in text.indices {
            guard let digit = value(text[index]) else { return nil }
            pending = pending << 6 | UInt32(digit)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> bits))
            }
        }
        guard pending & (1 << bits - 1) == 0 else { return nil }
        return bytes
    }
}
