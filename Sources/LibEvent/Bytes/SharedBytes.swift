// SPDX-License-Identifier: MIT
internal import CLibEvent
import Crypto
import Glibc
import WireFormat

/// One immutable block of memory that any number of connections send from.
///
/// Sendable: written by `BlockBuilder` before this object exists, then only read. The block lives until its last owner
/// releases it; a connection whose socket is full owns it until the rest is sent. Its size counts against a ledger for
/// exactly that time.
@safe
public final class SharedBytes: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let ledger: ByteLedger
    /// Size of the block in bytes.
    public let count: Int

    /// Takes over memory from `malloc` that `BlockBuilder` has filled, and its share of the ledger.
    init(owning base: UnsafeMutableRawPointer, count: Int, countedIn ledger: ByteLedger) {
        unsafe self.base = base
        self.ledger = ledger
        self.count = count
    }

    /// Calls `body` with a part of the block.
    /// - Precondition: `range` lies inside the block.
    public func withSpan<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe UnsafeRawBufferPointer(pointer(to: range))
        // Safe: the span cannot outlive the call, and `self` keeps the memory until then.
        return try body(unsafe Span(_bytes: RawSpan(_unsafeBytes: bytes)))
    }

    /// Returns the bytes of `range`.
    /// - Precondition: `range` lies inside the block.
    func pointer(to range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the block")
        return unsafe UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// The block as a source of records. The caller retains the block while it is used.
    var recordSource: RecordSource { unsafe RecordSource(pointer(to: 0..<count)) }

    /// Appends `range` to an evbuffer without copying; the evbuffer owns the block until those bytes are sent.
    func append(_ range: Range<Int>, to buffer: OpaquePointer) {
        guard !range.isEmpty else { return }
        let bytes = unsafe pointer(to: range)
        let owner = unsafe Unmanaged.passRetained(self)
        let code = unsafe evbuffer_add_reference(buffer, bytes.baseAddress, bytes.count, blockSent, owner.toOpaque())
        if code != 0 { unsafe owner.release() }
    }

    /// Appends the bytes of `parts` after the first `skipped` to an evbuffer without copying.
    /// - Parameter joined: the number of bytes that must lie in one piece there; they are copied if they do not lie so
    ///   here.
    func append(_ parts: PartRanges, from skipped: Int, joining joined: Int = 0, to buffer: OpaquePointer) {
        var cursor = PartCursor(parts)
        cursor.advance(skipped)
        if let range = cursor.current, range.count < joined {
            unsafe withUnsafeTemporaryAllocation(byteCount: joined, alignment: 1) { bytes in
                unsafe cursor.copy(joined, of: recordSource, to: bytes)
                _ = unsafe evbuffer_add(buffer, bytes.baseAddress, bytes.count)
            }
            // An evbuffer first fills the room that its last piece has, and puts the rest into another piece.
            _ = unsafe evbuffer_pullup(buffer, joined)
            cursor.advance(joined)
        }
        while let range = cursor.current {
            unsafe append(range, to: buffer)
            cursor.advance(range.count)
        }
    }

    deinit {
        unsafe free(base)
        ledger.release(count)
    }
}

private func blockSent(_: UnsafeRawPointer?, _: Int, context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<SharedBytes>.fromOpaque(context).release()
}
