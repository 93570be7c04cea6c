// SPDX-License-Identifier: MIT

/// Writes whole numbers and byte strings in sequence, for `RecordReader`.
public struct RecordWriter: Sendable {
    /// The bytes written so far.
    public private(set) var bytes: [UInt8] = []

    /// Creates a writer without any bytes.
    public init() {}

    /// Adds a number: eight bytes, most significant first.
    public mutating func put(_ number: Int64) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// Adds a byte string: its length, then its bytes.
    public mutating func put(_ string: [UInt8]) {
        put(Int64(string.count))
        bytes += string
    }
}
