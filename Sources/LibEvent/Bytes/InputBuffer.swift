// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
public import System

/// A queue of bytes that have arrived and were not used yet, over libevent's evbuffer.
///
/// Confined to one event loop. Either owns its evbuffer, or refers to one of a connection; then it must not be used
/// after the callback that it was passed to.
@safe
public final class InputBuffer {
    let buffer: OpaquePointer
    private let isOwner: Bool

    /// Creates an empty queue that owns its evbuffer.
    public init() throws(SystemError) {
        guard let made = unsafe evbuffer_new() else { throw SystemError("evbuffer_new") }
        unsafe buffer = made
        isOwner = true
    }

    init(borrowing buffer: OpaquePointer) {
        unsafe self.buffer = buffer
        isOwner = false
    }

    /// The number of bytes in the queue.
    public var count: Int { unsafe evbuffer_get_length(buffer) }

    /// Calls `body` with the bytes at the front: all that lie in one piece, and at least `minimum` of them.
    ///
    /// Bytes are copied together only where `minimum` exceeds the first piece. If the queue has fewer than `minimum`
    /// bytes, all of them are passed.
    public func withFront<Result, Failure: Error>(
        atLeast minimum: Int = 1, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let wanted = min(max(minimum, 0), count)
        let length = max(unsafe evbuffer_get_contiguous_space(buffer), wanted)
        // Copies nothing where the first piece is that long already; nil for a length of zero.
        let front = unsafe evbuffer_pullup(buffer, length)
        // Safe: the span cannot outlive the call, and nothing changes the queue before it returns.
        let bytes = unsafe UnsafeBufferPointer(start: front, count: front == nil ? 0 : length)
        return try body(unsafe Span(_unsafeElements: bytes))
    }

    /// Drops the first `count` bytes, or all if there are fewer.
    public func drop(_ count: Int) {
        _ = unsafe evbuffer_drain(buffer, max(0, count))
    }

    /// Moves up to `count` bytes from the front to the end of `other`. Whole pieces are not copied.
    public func move(_ count: Int, to other: InputBuffer) {
        _ = unsafe evbuffer_remove_buffer(buffer, other.buffer, max(0, count))
    }

    /// Appends a copy of `bytes`.
    public func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { source in
            _ = unsafe evbuffer_add(buffer, source.baseAddress, source.count)
        }
    }

    /// A copy of all bytes in the queue.
    var allBytes: [UInt8] {
        let length = count
        // Not only for speed: the standard library would write the length into the empty array that all threads share.
        guard length > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: length) { target, copied in
            unsafe copied = max(0, Int(evbuffer_copyout(buffer, target.baseAddress, length)))
        }
    }

    /// Copies the first `count` bytes to `target` and drops them.
    func moveOut(_ count: Int, to target: UnsafeMutableRawPointer) {
        _ = unsafe evbuffer_remove(buffer, target, count)
    }

    deinit {
        if isOwner { unsafe evbuffer_free(buffer) }
    }
}
