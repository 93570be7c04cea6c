// SPDX-License-Identifier: MIT

/// Percent-encoding (RFC 3986 §2.1), and the `+` of HTML forms.
enum PercentCoding {
    /// Returns the decoded bytes, or nil if a `%` is not followed by two hexadecimal digits.
    static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>, plusIsBlank: Bool) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == ASCII.percent {
                guard range.upperBound - index > 2, let high = ASCII.hexadecimalValue(bytes[index + 1]),
                    let low = ASCII.hexadecimalValue(bytes[index + 2])
                else { return nil }
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(plusIsBlank && byte == 0x2B ? ASCII.space : byte)
                index += 1
            }
        }
        return decoded
    }
}
