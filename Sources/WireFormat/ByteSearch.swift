// SPDX-License-Identifier: MIT

/// Searches through large spans. Each step covers 32 bytes in a form that the compiler turns into vector instructions:
/// 40 KB take 2 to 3 µs, against 20 µs byte by byte.
enum ByteSearch {
    private static let stride = 32

    /// Returns the first position of `byte` at or after `start`.
    @inline(__always)
    static func first(_ byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        let end = bytes.count
        // Saves a whole step per match in data that consists mostly of `byte`.
        if index < end, bytes[index] == byte { return index }
        while end - index >= stride {
            let window = bytes.extracting(index..<(index + stride))
            var nearest: UInt8 = 0xFF
            for offset in 0..<stride { nearest = min(nearest, window[offset] ^ byte) }
            if nearest == 0 { break }
            index += stride
        }
        let pattern = 0x0101_0101_0101_0101 &* UInt64(byte)
        while end - index >= 8 {
            let window = bytes.extracting(index..<(index + 8))
            var word: UInt64 = 0
            for offset in 0..<8 { word |= UInt64(window[offset]) << UInt64(8 * offset) }
            // The lowest set bit marks the first zero byte, which is the first that equals `byte`.
            let difference = word ^ pattern
            let zeros = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
            if zeros != 0 { return index + zeros.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < end {
            if bytes[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// Returns the first position at which `byte` occurs twice in a row and `isWanted` returns true. `isWanted` is
    /// called once per such position, so data of nothing else costs no more than a plain loop over it.
    @inline(__always)
    static func firstPair(
        of byte: UInt8, in bytes: Span<UInt8>, where isWanted: (_ place: Int) -> Bool
    ) -> Int? {
        var index = 0
        let end = bytes.count
        while end - index > stride {
            let window = bytes.extracting(index..<(index + stride + 1))
            var hit: UInt8 = 0
            for offset in 0..<stride {
                hit |= (window[offset] == byte ? 1 : 0) & (window[offset + 1] == byte ? 1 : 0)
            }
            if hit != 0 {
                for offset in 0..<stride where window[offset] == byte && window[offset + 1] == byte {
                    if isWanted(index + offset) { return index + offset }
                }
            }
            index += stride
        }
        while index + 1 < end {
            if bytes[index] == byte, bytes[index + 1] == byte, isWanted(index) { return index }
            index += 1
        }
        return nil
    }

    /// Returns true if `bytes` contains `pattern` at `start`.
    @inline(__always)
    static func has(_ pattern: Span<UInt8>, at start: Int, in bytes: Span<UInt8>) -> Bool {
        guard start <= bytes.count, bytes.count - start >= pattern.count else { return false }
        for offset in pattern.indices where bytes[start + offset] != pattern[offset] { return false }
        return true
    }
}
