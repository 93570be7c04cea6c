// SPDX-License-Identifier: MIT
internal import CLibEvent
import Crypto
import Glibc
import System
import WireFormat

/// The sending side of one connection: its bytes go to the socket at once while nothing is pending; what the kernel
/// does not take is queued for libevent, and counted.
///
/// Confined to one event loop. Owned by its connection, which closes it before its bufferevent is freed.
@safe
final class ConnectionOutput {
    /// The most bytes that libevent writes at a time. 16 KiB by default, which would cut a frame into several writes
    /// and loop turns.
    private static let maxWriteBytes = 256 * 1024

    /// The memory that the connection holds.
    private(set) var pending = PendingBytes()
    private let buffer: OpaquePointer
    private let descriptor: Int32
    private let tls: TLSLink?
    private let answers: AnswerBudget
    private let stallTimeout: Duration
    /// The queue of pending bytes: the buffer's own, or the writer's. Nil after the end.
    private var queue: OpaquePointer?
    /// Writes the queue instead of libevent; nil while libevent does.
    private var writer: HalfClosedWriter?

    init(_ buffer: OpaquePointer, tls: TLSLink?, answers: AnswerBudget, stallTimeout: Duration) {
        unsafe self.buffer = buffer
        unsafe queue = unsafe bufferevent_get_output(buffer)
        descriptor = unsafe bufferevent_getfd(buffer)
        self.tls = tls
        self.answers = answers
        self.stallTimeout = stallTimeout
        _ = unsafe bufferevent_set_max_single_write(buffer, Self.maxWriteBytes)
        var look = timeval(stallTimeout / StallWatch.looks)
        unsafe bufferevent_set_timeouts(buffer, nil, &look)
    }

    /// The number of written bytes that are not yet with the kernel.
    var count: Int { unsafe queue.map { unsafe evbuffer_get_length($0) } ?? 0 }

    /// True while written bytes are not yet with the kernel.
    var isPending: Bool { count > 0 }

    /// True if the connection holds more copied bytes than one connection may.
    var isOverLimit: Bool { pending.copiedBytes > answers.maxBytesPerConnection }

    /// True if bytes may go to the socket at once: none are pending, and both sides have their keys.
    private var isDirect: Bool { !isPending && tls?.isOpen != false }

    /// Sends the head and body of `response`, with `opening` after them. Returns true if bytes were copied to the
    /// queue.
    /// - Parameters:
    ///   - head: the head of the request; nil if it could not be read.
    ///   - connection: the value of the Connection field.
    ///   - date: the value of the Date field.
    func write(
        _ response: HTTPResponse, to head: RequestHead?, connection: String, date: String, opening: [UInt8]
    ) -> Bool {
        var bytes = response.serializedHead(
            minorVersion: head?.minorVersion ?? 1, connection: connection, date: date)
        let body = head?.method == .head ? .none : response.body
        if case .bytes(let content) = body { bytes += content }
        bytes += opening
        guard case .shared(let block, let range) = body else { return write(bytes, isFollowed: false) }
        let isCopied = write(bytes, isFollowed: true)
        _ = send(PartRanges(range), of: block, isDirect: isDirect)
        return isCopied
    }

    /// Sends `bytes`, directly if possible, which saves two turns of the loop. Returns true if some were copied to the
    /// queue.
    /// - Parameter isFollowed: true if more bytes follow; the kernel then waits for them before it sends a segment that
    ///   is not full.
    private func write(_ bytes: [UInt8], isFollowed: Bool) -> Bool {
        unsafe bytes.withUnsafeBytes { source in
            let progress = isDirect ? unsafe sendNow(source, isFollowed) : RecordSocket.Progress()
            guard progress.sent < source.count else { return false }
            return unsafe append(UnsafeRawBufferPointer(rebasing: source[progress.sent...]), joining: progress.stuck)
        }
    }

    /// Sends as many of `bytes` as the kernel takes: none on any error, which the loop meets when it writes the rest.
    private func sendNow(_ bytes: UnsafeRawBufferPointer, _ isFollowed: Bool) -> RecordSocket.Progress {
        if let tls { return unsafe tls.write(bytes) }
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL) | (isFollowed ? Int32(MSG_MORE) : 0)
        return RecordSocket.Progress(sent: max(0, unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)))
    }

    /// Queues a copy of `bytes`.
    func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { source in _ = unsafe append(source, joining: 0) }
    }

    /// - Parameter count: the bytes at the front of the queue that are copied into one piece: so OpenSSL needs those of
    ///   a record that it has already made.
    private func append(_ bytes: UnsafeRawBufferPointer, joining count: Int) -> Bool {
        guard let queue = unsafe queue, let start = bytes.baseAddress else { return false }
        _ = unsafe evbuffer_add(queue, start, bytes.count)
        if count > 0 { _ = unsafe evbuffer_pullup(queue, count) }
        pending.hold(copiedBytes: bytes.count)
        answers.add(bytes.count)
        writer?.waitUntilWritable()
        return true
    }

    /// Sends `parts` of `block` without copying; what the kernel does not take is queued by reference. Returns true if
    /// something is queued.
    /// - Parameter isDirect: true if nothing is queued, so that bytes may go to the socket at once.
    func send(_ parts: PartRanges, of block: SharedBytes, isDirect: Bool) -> Bool {
        guard let queue = unsafe queue else { return false }
        var progress = RecordSocket.Progress()
        if isDirect {
            // With TLS, the only copy for a peer is the one into its record, where it is encrypted.
            progress = tls?.write(parts, of: block) ?? .init(sent: block.send(parts, to: descriptor))
            guard progress.sent < parts.byteCount else { return false }
        }
        // The bytes of a record already made are needed again, in one piece.
        unsafe block.append(parts, from: progress.sent, joining: progress.stuck, to: queue)
        pending.hold(block)
        writer?.waitUntilWritable()
        return true
    }

    /// Stops counting the pending bytes: they are with the kernel, or are dropped.
    func release() {
        guard pending.since != .distantFuture else { return }
        answers.release(pending.copiedBytes)
        pending = PendingBytes()
    }

    /// Writes from here on what libevent does not write any more, as the peer has ended its side. False if memory runs
    /// out.
    func writeOn(for connection: GateConnection) -> Bool {
        guard writer == nil, let libeventQueue = unsafe queue else { return true }
        _ = unsafe bufferevent_disable(buffer, Int16(EV_READ | EV_WRITE))
        guard
            let writer = unsafe HalfClosedWriter(
                libeventQueue, on: connection.gate.loop, descriptor, key: connection.key,
                look: stallTimeout / StallWatch.looks)
        else { return false }
        self.writer = writer
        unsafe queue = writer.queue
        if isPending { writer.waitUntilWritable() }
        return true
    }

    /// Writes as much as the kernel takes, after `writeOn`.
    func writeNow() -> TLSLink.Written {
        guard let tls, let writer else { return .blocked }
        return writer.write(to: tls)
    }

    /// Lets libevent write again: it stops at each timeout.
    func keepWriting() {
        if writer == nil { _ = unsafe bufferevent_enable(buffer, Int16(EV_WRITE)) }
    }

    /// Returns a copy of the pending bytes, which stay queued; nil if it fails.
    func copyPending() -> [UInt8]? {
        guard let queue = unsafe queue else { return nil }
        // A bufferevent freezes the front of its output, which then cannot even be read.
        _ = unsafe evbuffer_unfreeze(queue, 1)
        defer { _ = unsafe evbuffer_freeze(queue, 1) }
        let bytes = unsafe InputBuffer(borrowing: queue).allBytes
        return bytes.count == count ? bytes : nil
    }

    /// Gives up what is pending. Nothing can be written afterwards.
    func close() {
        release()
        unsafe queue = nil
        writer = nil
    }
}
