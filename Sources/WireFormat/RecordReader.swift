// SPDX-License-Identifier: MIT

/// What was written by `RecordWriter` ends too early, or is something else.
public struct RecordError: Error, Equatable, Sendable {
    /// Where reading stopped, in bytes from the beginning.
    public let offset: Int

    /// For what reads right and means nothing.
    public init(offset: Int) {
        self.offset = offset
    }
}

/// Reads what `RecordWriter` has written; anything else is an error, never a trap.
public struct RecordReader: Sendable {
    private let bytes: [UInt8]
    private var offset = 0

    /// Begins at the first of `bytes`.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// True behind the last byte.
    public var isAtEnd: Bool { offset == bytes.count }

    /// The next number.
    public mutating func number() throws(RecordError) -> Int64 {
        try take(8).reduce(0) { $0 << 8 | Int64($1) }
    }

    /// The next byte string.
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
