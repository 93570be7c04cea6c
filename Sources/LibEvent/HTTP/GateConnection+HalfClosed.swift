// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

// Writing to a TLS connection whose peer has ended its side.
//
// At a peer's close_notify, or at the end of its socket's data, libevent 2.1.12 stops writing too and does not report
// it (`conn_closed` in bufferevent_openssl.c). Told to write again, it calls back without end while a ticket is half
// sent. So the gate writes the rest of the output itself.
extension GateConnection {
    /// Takes the output over from libevent and writes it from here on.
    func writeOn() {
        guard unsafe writeEvent == nil, let old = unsafe output, let rest = unsafe evbuffer_new() else { return }
        _ = unsafe bufferevent_disable(buffer, Int16(EV_READ | EV_WRITE))
        let argument = unsafe UnsafeMutableRawPointer(bitPattern: key)
        let event = unsafe event_new(gate.loop.base, descriptor, Int16(EV_WRITE | EV_PERSIST), gateWritable, argument)
        guard let event = unsafe event, unsafe evbuffer_add_buffer(rest, old) == 0 else {
            unsafe evbuffer_free(rest)
            return endNextTurn(.byServer)
        }
        unsafe writeEvent = event
        unsafe output = rest
        if case .taken(let connection) = state { unsafe connection.outputMoved(to: rest) }
        if isOutputPending { waitUntilWritable() }
    }

    /// Frees the event and the queue that `writeOn` made.
    func stopWritingOn() {
        guard let event = unsafe writeEvent else { return }
        unsafe event_free(event)
        unsafe evbuffer_free(output)
        unsafe (writeEvent, output) = (nil, nil)
    }

    /// Waits for the socket if the gate writes to it itself. Called after bytes were queued.
    func outputWasQueued() { if unsafe writeEvent != nil { waitUntilWritable() } }

    private func waitUntilWritable() {
        guard let event = unsafe writeEvent, unsafe event_pending(event, Int16(EV_WRITE), nil) == 0 else { return }
        var look = timeval(gate.limits.stallTimeout / StallWatch.looks)
        _ = unsafe event_add(event, &look)
    }

    func writable(_ what: Int16) {
        guard let tls, let output = unsafe output, let event = unsafe writeEvent else { return }
        if Int32(what) & EV_TIMEOUT != 0 { return writeTimedOut() }
        var piece = unsafe iovec()
        // One piece after the other and each one whole, as libevent wrote them: OpenSSL remembers the length of the
        // piece that it could not finish.
        while unsafe evbuffer_peek(output, 1, nil, &piece, 1) > 0, unsafe piece.iov_len > 0 {
            let bytes = unsafe UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len)
            switch unsafe tls.writeWhole(bytes) {
            case .done: _ = unsafe evbuffer_drain(output, bytes.count)
            case .blocked: return
            case .failed:
                noteLoss()
                return close(lossReason)
            }
        }
        _ = unsafe event_del(event)
        drained()
    }
}
