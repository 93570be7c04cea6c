// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import System

/// Writes to a TLS connection whose peer has ended its side.
///
/// At a peer's close_notify, or at the end of its socket's data, libevent 2.1.12 stops writing too and does not report
/// it (`conn_closed` in bufferevent_openssl.c). Told to write again, it calls back without end while a ticket is half
/// sent. So the gate writes the rest of the output itself.
///
/// Confined to one event loop. Owns its queue and the event that reports a writable socket.
@safe
final class HalfClosedWriter {
    let queue: OpaquePointer
    private let event: OpaquePointer
    private let look: Duration

    /// Takes over the bytes that libevent has queued; nil if memory runs out.
    /// - Parameters:
    ///   - key: the argument of `gateWritable`.
    ///   - look: the time after which a socket that accepts nothing is looked at.
    init?(_ libeventQueue: OpaquePointer, on loop: EventLoop, _ descriptor: Int32, key: UInt, look: Duration) {
        guard let rest = unsafe evbuffer_new() else { return nil }
        let argument = unsafe UnsafeMutableRawPointer(bitPattern: key)
        let event = unsafe event_new(loop.base, descriptor, Int16(EV_WRITE | EV_PERSIST), gateWritable, argument)
        guard let event = unsafe event, unsafe evbuffer_add_buffer(rest, libeventQueue) == 0 else {
            if let event = unsafe event { unsafe event_free(event) }
            unsafe evbuffer_free(rest)
            return nil
        }
        unsafe (queue, self.event) = unsafe (rest, event)
        self.look = look
    }

    /// Waits for the socket. Called after bytes were queued.
    func waitUntilWritable() {
        guard unsafe event_pending(event, Int16(EV_WRITE), nil) == 0 else { return }
        var look = timeval(look)
        _ = unsafe event_add(event, &look)
    }

    /// Writes as much as the kernel takes.
    func write(to tls: TLSLink) -> TLSLink.Written {
        var piece = unsafe iovec()
        // One piece after the other and each one whole, as libevent wrote them: OpenSSL remembers the length of the
        // piece that it could not finish.
        while unsafe evbuffer_peek(queue, 1, nil, &piece, 1) > 0, unsafe piece.iov_len > 0 {
            let bytes = unsafe UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len)
            let written = unsafe tls.writeWhole(bytes)
            guard case .done = written else { return written }
            _ = unsafe evbuffer_drain(queue, bytes.count)
        }
        _ = unsafe event_del(event)
        return .done
    }

    deinit {
        unsafe event_free(event)
        unsafe evbuffer_free(queue)
    }
}
