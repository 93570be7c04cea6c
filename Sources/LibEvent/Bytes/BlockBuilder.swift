// SPDX-License-Identifier: MIT
import Glibc

/// A block under construction: room for a prefix, a body that arrives in pieces, and a suffix, in one allocation.
///
/// Confined to one event loop. The room counts against a ledger from the start; it is released if this object goes
/// without `finish`.
@safe
public final class BlockBuilder {
    private var base: UnsafeMutableRawPointer?
    private let ledger: ByteLedger
    private let prefixByteCount: Int
    private var bodyByteCount: Int
    private var suffixByteCount: Int
    private var filledByteCount = 0

    /// Allocates the block; nil if the ledger's budget or the machine's memory does not allow it. No count may be
    /// negative.
    public init?(prefixByteCount: Int, bodyByteCount: Int, suffixByteCount: Int, countedIn ledger: ByteLedger) {
        guard prefixByteCount >= 0, bodyByteCount >= 0, suffixByteCount >= 0 else { return nil }
        let (counts, overflow) = bodyByteCount.addingReportingOverflow(prefixByteCount + suffixByteCount)
        guard !overflow, counts > 0, ledger.reserve(counts) else { return nil }
        guard let base = unsafe malloc(counts) else {
            ledger.release(counts)
            return nil
        }
        unsafe self.base = base
        self.ledger = ledger
        self.prefixByteCount = prefixByteCount
        self.bodyByteCount = bodyByteCount
        self.suffixByteCount = suffixByteCount
    }

    /// The number of body bytes that have not arrived yet.
    public var missingByteCount: Int { bodyByteCount - filledByteCount }

    private var byteCount: Int { prefixByteCount + bodyByteCount + suffixByteCount }

    /// Moves bytes of the body out of `input`, as many as it holds and the body misses; each is copied once.
    public func fill(from input: InputBuffer) {
        guard let base = unsafe base else { return }
        let count = min(missingByteCount, input.count)
        guard count > 0 else { return }
        // Inside the block: the body's room has `missingByteCount` bytes left from here.
        unsafe input.moveOut(count, to: base + prefixByteCount + filledByteCount)
        filledByteCount += count
    }

    /// Copies bytes of the body from `bytes`, as many as are missing.
    public func fill(from bytes: [UInt8]) {
        guard let base = unsafe base else { return }
        let count = min(missingByteCount, bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            // Inside the block, as above.
            unsafe (base + prefixByteCount + filledByteCount).copyMemory(from: start, byteCount: count)
        }
        filledByteCount += count
    }

    /// Calls `body` with the bytes of the body that have arrived.
    public func withBody<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = unsafe base.map { unsafe UnsafeRawPointer($0 + prefixByteCount) }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: unsafe start == nil ? 0 : filledByteCount)
        // Safe: the span cannot outlive the call, and `self` keeps the memory until then.
        return try body(unsafe Span(_bytes: RawSpan(_unsafeBytes: bytes)))
    }

    /// Shortens the body to its first bytes, all of which have arrived, and the suffix, and releases the room of the
    /// rest. Does nothing if either would grow.
    public func cut(bodyByteCount: Int, suffixByteCount: Int) {
        guard let base = unsafe base, 0...filledByteCount ~= bodyByteCount, 0...self.suffixByteCount ~= suffixByteCount
        else { return }
        let oldByteCount = byteCount
        (self.bodyByteCount, self.suffixByteCount, filledByteCount) = (bodyByteCount, suffixByteCount, bodyByteCount)
        if let smaller = unsafe realloc(base, byteCount) { unsafe self.base = smaller }
        ledger.release(oldByteCount - byteCount)
    }

    /// The result of reading from a socket.
    enum SocketState {
        /// The body is complete.
        case complete
        /// The socket has nothing more for now, or the limit is reached.
        case waiting
        /// The peer has closed, or the socket failed.
        case ended
    }

    /// Reads bytes of the body from a socket straight into the block, at most `limit` of them.
    func fill(fromSocket descriptor: Int32, limit: Int) -> SocketState {
        var left = limit
        while missingByteCount > 0 {
            guard let base = unsafe base, left > 0 else { return .waiting }
            // Inside the block, as above.
            let target = unsafe base + prefixByteCount + filledByteCount
            let count = unsafe recv(descriptor, target, min(missingByteCount, left), Int32(MSG_DONTWAIT))
            if count > 0 {
                filledByteCount += count
                left -= count
            } else if count < 0 && errno == EINTR {
                continue
            } else {
                return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? .waiting : .ended
            }
        }
        return .complete
    }

    /// Returns the block, with `prefix` before and `suffix` after the body. Nil if body bytes are missing, if the sizes
    /// are not those of `init` or `cut`, or at the second call.
    public func finish(prefix: [UInt8], suffix: [UInt8]) -> SharedBytes? {
        guard let base = unsafe base, missingByteCount == 0, prefix.count == prefixByteCount,
            suffix.count == suffixByteCount
        else { return nil }
        unsafe prefix.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe base.copyMemory(from: start, byteCount: source.count) }
        }
        unsafe suffix.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe (base + prefixByteCount + bodyByteCount).copyMemory(from: start, byteCount: source.count)
            }
        }
        unsafe self.base = nil
        return unsafe SharedBytes(owning: base, count: byteCount, countedIn: ledger)
    }

    deinit {
        guard let base = unsafe base else { return }
        unsafe free(base)
        ledger.release(byteCount)
    }
}
