// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

/// What a refused peer may go on sending while it is told so. A proxy sends a whole upload before it reads the answer, and
/// tells its client of a broken relay if it cannot.
private let maxDroppedBytes = 8 << 20

// What libevent reports of a connection.
extension GateConnection {
    func readable() {
        repeat { handleInput() } while fetchesMore
    }

    /// True if the input holds more than what libevent has fetched of the records so far.
    private var fetchesMore: Bool {
        guard let tls, !isReadingPaused, input.count < maxInputBytes else { return false }
        switch state {
        // evhttp looks by itself, when it is asked for the next request.
        case .exchange, .answering, .closed: return false
        case .awaitingHead, .taken, .rejected: return tls.fetchDecrypted(into: input)
        }
    }

    private func handleInput() {
        switch state {
        case .awaitingHead: readHeads()
        case .taken(let connection):
            connection.received(input)
            // libevent calls again and again while a queue stays above its mark.
            if case .taken = state, input.count >= maxInputBytes { pauseReading() }
        case .rejected(let droppedBytes):
            let input = input
            let dropped = droppedBytes + input.count
            input.drop(input.count)
            state = .rejected(droppedBytes: dropped)
            if dropped > maxDroppedBytes { close(.byServer) }
        case .exchange, .answering, .closed: break
        }
    }

    func drained() {
        // With TLS libevent tells of it some callbacks later, when there may be more again: then it tells once more.
        guard unsafe evbuffer_get_length(bufferevent_get_output(buffer)) == 0 else { return }
        switch state {
        case .taken(let connection): connection.drained()
        case .rejected:
            // The peer reads to our end of data; closing now could reset the answer away while it still sends.
            tls?.sayGoodbye()
            unsafe shutdown(bufferevent_getfd(buffer), Int32(SHUT_WR))
            reportAnswer()
        case .awaitingHead, .exchange, .answering, .closed: break
        }
    }

    func ended(by what: Int16) {
        let what = Int32(what)
        if what & BEV_EVENT_CONNECTED != 0 { return handshakeDone() }
        if what & BEV_EVENT_TIMEOUT != 0 { return close(.stalled) }
        if let tls {
            guard tls.isOpen else {
                handshakeFailed()
                return close(.byPeer)
            }
            // libevent tells of the end before it has put the bytes that came before it into the input.
            gate.finishLater(self, what)
            return
        }
        finish(what)
    }

    /// Acts on the end that libevent has told of; what came before it is in the input now.
    func finish(_ what: Int32) {
        if case .closed = state { return }
        if tls != nil, what & BEV_EVENT_WRITING == 0, input.count > 0 { readable() }
        if case .closed = state { return }
        // A peer that has ended its side may still read; with TLS, libevent tells of a write that failed in the same word.
        if what & BEV_EVENT_EOF != 0, what & BEV_EVENT_WRITING == 0, case .taken(let connection) = state {
            return connection.reachedEnd()
        }
        close(.byPeer)
    }

    func deadlinePassed() {
        switch state {
        case .awaitingHead where tls?.isOpen == false:
            gate.handler?.shookHands(.failed)
            gate.handler?.gateRefused(.handshakeFailed, peer: peer)
            close(.byServer)
        case .awaitingHead where !hasBegunHead: close(.byServer)
        case .awaitingHead:
            refuse(
                .tooSlow, status: 408, reason: "too-slow",
                message: "The request's head took too long (--header-timeout).")
        case .taken(let connection): connection.deadlinePassed()
        case .exchange, .answering, .rejected, .closed: close(.byServer)
        }
    }

    func requestComplete(_ request: OpaquePointer) {
        guard case .exchange(let respond) = state else {
            unsafe evhttp_send_error(request, 500, nil)
            return
        }
        state = .answering
        deadline = .distantFuture
        unsafe evhttp_request_set_on_complete_cb(request, gateAnswerComplete, nil)
        respond(unsafe HTTPRequest(request, on: self))
    }
}
