// SPDX-License-Identifier: MIT

/// The identity of a frame: enough to make its bytes again.
struct FrameIdentity: Equatable {
    /// The run that sent the frame; a server may still hold a frame of an earlier run.
    let run: UInt64
    /// The camera's number, from 0.
    let camera: UInt32
    /// The frame's number at its camera, from 0.
    let sequence: UInt64
}

/// A JPEG whose every byte follows from its identity and its size, so that a receiver can tell a whole frame from a
/// torn one and from one mixed with another.
///
/// SOI, a comment that holds the identity, one quantisation table, a grey baseline frame of 640 x 480, a scan of random
/// bytes, EOI. Its Huffman tables are missing, as in the MJPEG of many cameras.
struct TestFrame {
    /// The identity that the bytes follow from.
    let identity: FrameIdentity
    /// The JPEG, `requested` bytes long or `smallestBytes` if that is more.
    let bytes: [UInt8]

    /// The number of a JPEG's first bytes that hold its identity.
    static let identityBytes = 6 + marker.count + 20
    /// The bytes of identity, tables, scan header, one scan byte and EOI.
    static let smallestBytes = identityBytes + tables.count + 1 + 2

    private static let marker = Array("relayload".utf8)
    private static let beginning: [UInt8] = [0xFF, 0xD8, 0xFF, 0xFE, 0, UInt8(2 + marker.count + 20)] + marker
    private static let tables: [UInt8] =
        [0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 16, count: 64)
        + [0xFF, 0xC0, 0, 11, 8, 0x01, 0xE0, 0x02, 0x80, 1, 1, 0x11, 0]
        + [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]

    init(_ identity: FrameIdentity, bytes requested: Int) {
        self.identity = identity
        let count = max(requested, Self.smallestBytes)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        bytes += Self.beginning
        Self.append(identity.run, to: &bytes)
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: identity.camera >> UInt32(shift)))
        }
        Self.append(identity.sequence, to: &bytes)
        bytes += Self.tables

        var random = SplitMix(state: identity.run ^ UInt64(identity.camera) << 48 ^ identity.sequence)
        let scanEnd = count - 2
        while bytes.count < scanEnd {
            var word = random.next()
            for _ in 0..<min(8, scanEnd - bytes.count) {
                let byte = UInt8(truncatingIfNeeded: word)
                // 0xFF would be a marker in a scan.
                bytes.append(byte == 0xFF ? 0x7F : byte)
                word >>= 8
            }
        }
        bytes += [0xFF, 0xD9]
        self.bytes = bytes
    }

    /// Reads the identity from a JPEG's first `identityBytes` bytes; nil if the load tool did not make it.
    static func identity(in prefix: [UInt8]) -> FrameIdentity? {
        guard prefix.count >= identityBytes, prefix.starts(with: beginning) else { return nil }
        var numbers = prefix[beginning.count..<identityBytes]
        func number(_ count: Int) -> UInt64 {
            defer { numbers.removeFirst(count) }
            return numbers.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
        }
        return FrameIdentity(run: number(8), camera: UInt32(truncatingIfNeeded: number(4)), sequence: number(8))
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a sequence of numbers that depends on its state alone.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
