// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

/// What a refused peer may go on sending while it is told so. A proxy sends a whole upload before it reads the answer, and
/// tells its client of a broken relay if it cannot.
private let maxDroppedBytes = 8 << 20

// What libevent reports of a connection.
extension GateConnection {
    func readable() {
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
        switch state {
        case .taken(let connection): connection.drained()
        case .rejected:
            // The peer reads to our end of data; closing now could reset the answer away while it still sends.
            unsafe shutdown(bufferevent_getfd(buffer), Int32(SHUT_WR))
            reportAnswer()
        case .awaitingHead, .exchange, .answering, .closed: break
        }
    }

    func ended(by what: Int16) {
        let what = Int32(what)
        if what & BEV_EVENT_TIMEOUT != 0 { return close(.stalled) }
        if what & BEV_EVENT_EOF != 0, case .taken(let connection) = state { return connection.reachedEnd() }
        close(.byPeer)
    }

    func deadlinePassed() {
        switch state {
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
