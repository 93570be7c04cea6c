// SPDX-License-Identifier: MIT
internal import CLibEvent
import System

/// The receiving side of one connection: the bytes that libevent has read, and reading on or off.
///
/// Confined to one event loop. Owned by its connection, which closes it before its bufferevent is freed.
@safe
final class ConnectionInput {
    /// The bytes that have arrived. Must not be used after the end.
    let queue: InputBuffer
    /// The number of bytes from which on libevent reads no more. Bytes beyond a head stay in the kernel: while an
    /// answer is under way, libevent would read without end.
    let maxBytes: Int
    private let buffer: OpaquePointer
    private let tls: TLSLink?
    private var isReading = true
    private var isClosed = false

    init(_ buffer: OpaquePointer, tls: TLSLink?, limits: HTTPLimits) {
        unsafe self.buffer = buffer
        self.tls = tls
        queue = unsafe InputBuffer(borrowing: bufferevent_get_input(buffer))
        maxBytes = limits.maxHeaderBytes * 2 + 16384
        unsafe bufferevent_setwatermark(buffer, Int16(EV_READ), 0, maxBytes)
    }

    /// The number of bytes that have arrived; 0 after the end.
    var count: Int { isClosed ? 0 : queue.count }

    /// Drops all bytes, and returns their number.
    @discardableResult
    func dropAll() -> Int {
        let count = count
        if count > 0 { queue.drop(count) }
        return count
    }

    /// Switches reading on or off.
    func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, !isClosed else { return }
        self.isReading = isReading
        let events = Int16(EV_READ)
        _ = unsafe isReading ? bufferevent_enable(buffer, events) : bufferevent_disable(buffer, events)
    }

    /// Moves decrypted bytes that libevent has left in TLS records into the queue; false if there are none.
    func fetchDecrypted() -> Bool {
        guard let tls, count < maxBytes else { return false }
        return tls.fetchDecrypted(into: queue)
    }

    func close() { isClosed = true }
}
