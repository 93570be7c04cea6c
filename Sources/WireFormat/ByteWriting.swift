// SPDX-License-Identifier: MIT

/// Appends text to byte arrays without an intermediate String.
extension [UInt8] {
    mutating func append(_ text: String) {
        append(contentsOf: text.utf8)
    }

    mutating func appendDecimal(_ value: Int64) {
        if value < 0 { append(ASCII.dash) }
        appendDigits(value.magnitude, radix: 10, minimumDigits: 1)
    }

    /// Appends the magnitude of `value` with at least `minimumDigits` digits, padded with leading zeros.
    mutating func appendDecimal(_ value: Int64, minimumDigits: Int) {
        appendDigits(value.magnitude, radix: 10, minimumDigits: minimumDigits)
    }

    /// Appends a chunk's size line (RFC 9112 §7.1).
    mutating func appendChunkSizeLine(_ byteCount: Int) {
        appendDigits(UInt64(byteCount.magnitude), radix: 16, minimumDigits: 1)
        append("\r\n")
    }

    private mutating func appendDigits(_ value: UInt64, radix: UInt64, minimumDigits: Int) {
        let start = count
        var rest = value
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % radix)
            append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            rest /= radix
        } while rest > 0
        while count - start < minimumDigits { append(0x30) }
        self[start...].reverse()
    }

    /// Returns these bytes as one chunk of chunked transfer coding.
    func asChunk() -> [UInt8] {
        var chunk: [UInt8] = []
        chunk.appendChunkSizeLine(count)
        chunk += self
        chunk.append("\r\n")
        return chunk
    }
}
