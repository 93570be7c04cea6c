// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

// Handling the events that libevent reports of a connection.
extension GateConnection {
    func readable() {
        repeat { handleInput() } while fetchesMore
    }

    /// Moves decrypted bytes that libevent has left in TLS records into the input; true if there were any.
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
            // libevent repeats the call while the input stays above its high-water mark.
            if case .taken = state, input.count >= maxInputBytes { pauseReading() }
        case .lingering(let linger): dropInput(of: linger)
        case .answering(let isLast): if isLast { input.drop(input.count) }
        case .closed: break
        }
    }

    func drained() {
        // With TLS, libevent reports the drain some callbacks later. If more is queued by then, it reports once more.
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
        // With TLS, libevent reports a lost connection as an end of data, too.
        if what & (BEV_EVENT_ERROR | BEV_EVENT_EOF) != 0 { noteLoss() }
        if what & BEV_EVENT_CONNECTED != 0 { return handshakeDone() }
        if what & BEV_EVENT_TIMEOUT != 0 { return writeTimedOut() }
        if let tls {
            guard tls.isOpen else {
                handshakeFailed()
                return close(.byPeer)
            }
            // libevent reports the end before it has put the bytes before it into the input.
            gate.finishLater(self, what)
            return
        }
        finish(what)
    }

    /// Acts on the end that libevent has reported. The bytes before it are in the input by now.
    func finish(_ what: Int32) {
        if case .closed = state { return }
        // With TLS, libevent reports a failed write in the same flags.
        guard what & BEV_EVENT_WRITING == 0 else { return close(lossReason) }
        if what & BEV_EVENT_EOF != 0 { return peerEnded() }
        if input.count > 0 { readable() }
        close(lossReason)
    }

    /// Reads from `errno` the error of the call that found the connection lost.
    ///
    /// The kernel gives a peer up that has accepted nothing within the stall limit (TCP_USER_TIMEOUT), perhaps a moment
    /// before the gate does.
    func noteLoss() {
        if errno == ETIMEDOUT { lossReason = .stalled }
        // A connection that ends later without an error must not find this one's.
        errno = 0
    }

    /// Handles the end of the peer's sending; the peer may still read (RFC 9112 section 9.6, RFC 8446 section 6.1). So
    /// a request that arrived whole is answered, and an answer under way continues.
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
            gate.handler?.connectionFailed(.handshakeFailed, peer: peer)
            close(.byServer)
        case .awaitingHead where !hasBegunHead: closeWhenReceived()
        case .awaitingHead:
            refuse(.headTooSlow)
        case .refusing(let response): answerAndClose(response)
        case .taken(let connection): connection.deadlinePassed()
        case .lingering(let linger): lingered(linger)
        case .answering, .closed: close(.byServer)
        }
    }
}
