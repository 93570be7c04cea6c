// SPDX-License-Identifier: MIT

/// An error in a record: it ends too early, or `RecordWriter` did not write it.
public struct RecordError: Error, Equatable, Sendable {
    /// The offset at which reading stopped, in bytes from the beginning.
    public let offset: Int

    /// Creates an error for a record that is well-formed but whose values are invalid.
    public init(offset: Int) {
        self.offset = offset
    }
}

/// Reads the records of `RecordWriter`. Anything else is an error, never a trap.
public struct RecordReader: Sendable {
    private let bytes: [UInt8]
    private var offset = 0

    /// Creates a reader at the first of `bytes`.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// True after the last byte.
    public var isAtEnd: Bool { offset == bytes.count }

    /// Reads the next number.
    public mutating func number() throws(RecordError) -> Int64 {
        try take(8).reduce(0) { $0 << 8 | Int64($1) }
    }

    /// Reads the next byte string.
    public mutating func string() throws(RecordError) -> [UInt8] {
        let count = try number()
        guard let length = Int(exactly: count) else { throw RecordError(offset: offset) }
        return Array(try take(length))
    }

    private mutating func take(_ count: Int) throws(RecordError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - offset else { throw RecordError(offset: offset) }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }
}
