// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

// What libevent reports of a connection.
extension GateConnection {
    func readable() {
        repeat { handleInput() } while fetchesMore
    }

    /// True if the input holds more than what libevent has fetched of the records so far.
    private var fetchesMore: Bool {
        guard let tls, !isReadingPaused, !isPostponed, input.count < maxInputBytes else { return false }
        switch state {
        case .answering, .closed: return false
        case .awaitingHead, .refusing, .taken, .lingering: return tls.fetchDecrypted(into: input)
        }
    }

    private func handleInput() {
        switch state {
        case .awaitingHead: readHeads()
        case .refusing(let response): if input.count > 0 { answerAndClose(response) }
        case .taken(let connection):
            connection.received(input)
            // libevent calls again and again while a queue stays above its mark.
            if case .taken = state, input.count >= maxInputBytes { pauseReading() }
        case .lingering(let linger): dropInput(of: linger)
        case .answering(let isLast): if isLast { input.drop(input.count) }
        case .closed: break
        }
    }

    func drained() {
        // With TLS libevent tells of it some callbacks later, when there may be more again: then it tells once more.
        guard !isOutputPending else { return }
        releasePending()
        stallWatch.restart()
        switch state {
        case .taken(let connection): connection.drained()
        case .answering(let isLast): answerIsOut(isLast: isLast)
        case .lingering: stopSending()
        case .awaitingHead, .refusing, .closed: break
        }
    }

    func ended(by what: Int16) {
        let what = Int32(what)
        if what & BEV_EVENT_CONNECTED != 0 { return handshakeDone() }
        if what & BEV_EVENT_TIMEOUT != 0 { return writeTimedOut() }
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
        // With TLS, libevent tells of a write that failed in the same word.
        guard what & BEV_EVENT_WRITING == 0 else { return close(.byPeer) }
        if what & BEV_EVENT_EOF != 0 { return peerEnded() }
        if input.count > 0 { readable() }
        close(.byPeer)
    }

    /// The peer sends nothing more; it may still read (RFC 9112 section 9.6, RFC 8446 section 6.1). So a request that came
    /// whole is answered, and an answer that is under way goes on.
    private func peerEnded() {
        hasPeerEnded = true
        if tls != nil {
            writeOn()
            if input.count > 0 { readable() }
        }
        switch state {
        case .awaitingHead: if !isPostponed { close(.byPeer) }
        case .refusing: close(.byPeer)
        case .taken(let connection): connection.reachedEnd()
        case .lingering: if !isOutputPending { close(.byPeer) }
        case .answering, .closed: break
        }
    }

    func deadlinePassed() {
        switch state {
        case .awaitingHead where tls?.isOpen == false:
            gate.handler?.shookHands(.failed)
            gate.handler?.gateRefused(.handshakeFailed, peer: peer)
            close(.byServer)
        case .awaitingHead where !hasBegunHead: closeWhenReceived()
        case .awaitingHead:
            refuse(
                .tooSlow, status: 408, reason: "too-slow",
                message: "The request's head took too long (--header-timeout).")
        case .refusing(let response): answerAndClose(response)
        case .taken(let connection): connection.deadlinePassed()
        case .lingering(let linger): lingered(linger)
        case .answering, .closed: close(.byServer)
        }
    }
}
