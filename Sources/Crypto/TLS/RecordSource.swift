// SPDX-License-Identifier: MIT
public import WireFormat

/// The memory that the bytes of records are read from. It must outlive the call that it is passed to.
@safe
public struct RecordSource {
    private let memory: UnsafeRawBufferPointer

    /// Creates a source whose first byte has the position 0.
    public init(_ memory: UnsafeRawBufferPointer) { unsafe self.memory = memory }

    /// Returns the bytes of `range`.
    /// - Precondition: `range` lies inside the memory.
    public func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        unsafe precondition(range.lowerBound >= 0 && range.upperBound <= memory.count, "range outside the source")
        return unsafe UnsafeRawBufferPointer(rebasing: memory[range])
    }
}

extension PartCursor {
    /// Copies the next `count` bytes of `source`, which the ranges refer to; there must be that many. Does not advance.
    public func copy(_ count: Int, of source: RecordSource, to target: UnsafeMutableRawBufferPointer) {
        var cursor = self
        var copied = 0
        while copied < count, let range = cursor.current {
            let piece = unsafe source.bytes(range.lowerBound..<min(range.upperBound, range.lowerBound + count - copied))
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[copied...]).copyMemory(from: piece)
            copied += piece.count
            cursor.advance(piece.count)
        }
    }
}
