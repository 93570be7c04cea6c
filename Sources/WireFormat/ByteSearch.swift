// SPDX-License-Identifier: MIT

/// Searches through large spans. Each looks at 32 bytes a turn in a form that the compiler turns into vector
/// instructions: 40 KB take 2 to 3 µs, against 20 µs byte by byte.
enum ByteSearch {
    private static let stride = 32

    /// The first place at or behind `start` where `byte` stands.
    @inline(__always)
    static func first(_ byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        let end = bytes.count
        // Bytes that are made of little else would pay for a whole turn each time.
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
            // The lowest bit that is set marks the first byte that is zero, here the first that equals `byte`.
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

    /// The first place at which `byte` stands twice in a row and `isWanted` agrees. It is asked for each such place
    /// once, so bytes that are made of nothing else cost no more than a plain loop over them.
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

    /// Do the bytes of `pattern` stand in `bytes` at `start`?
    @inline(__always)
    static func has(_ pattern: Span<UInt8>, at start: Int, in bytes: Span<UInt8>) -> Bool {
        guard start <= bytes.count, bytes.count - start >= pattern.count else { return false }
        for offset in pattern.indices where bytes[start + offset] != pattern[offset] { return false }
        return true
    }
}
