// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import System

// The events that libevent and the gate report of a connection, and the actions that follow.
extension GateConnection {
    func readable() {
        repeat { perform(state.bytesArrived(input.count)) } while state.takesMore && input.fetchDecrypted()
    }

    func drained() {
        // With TLS, libevent reports the drain some callbacks later. If more is queued by then, it reports once more.
        guard !output.isPending else { return }
        output.release()
        owner?.outputDrained()
        perform(state.drained(isDraining: gate.isDraining))
    }

    func ended(by what: Int16) {
        let what = Int32(what)
        // With TLS, libevent reports a lost connection as an end of data, too.
        if what & (BEV_EVENT_ERROR | BEV_EVENT_EOF) != 0 { noteLoss() }
        if what & BEV_EVENT_CONNECTED != 0 { return handshakeDone() }
        if what & BEV_EVENT_TIMEOUT != 0 { return writeTimedOut() }
        guard let tls else { return finish(what) }
        guard tls.isOpen else { return handshakeFailed() }
        // libevent reports the end before it has put the bytes before it into the input.
        gate.finishLater(self, what)
    }

    /// Acts on the end that libevent has reported. The bytes before it are in the input by now.
    func finish(_ what: Int32) {
        if state.stage == .closed { return }
        // With TLS, libevent reports a failed write in the same flags.
        guard what & BEV_EVENT_WRITING == 0 else { return close(state.lossReason) }
        guard what & BEV_EVENT_EOF != 0 else {
            if input.count > 0 { readable() }
            return close(state.lossReason)
        }
        state.peerEnded()
        if tls != nil {
            if !output.writeOn(for: self) { perform(state.endNextTurn(.byServer)) }
            if input.count > 0 { readable() }
        }
        perform(state.endReached(isOutputPending: output.isPending))
    }

    /// Reads from `errno` the error of the call that found the connection lost.
    private func noteLoss() {
        state.lost(isTimeout: errno == ETIMEDOUT)
        // A connection that ends later without an error must not find this one's.
        errno = 0
    }

    /// Handles a socket that accepts bytes again, or has accepted none for a while, after `writeOn`.
    func writable(_ what: Int16) {
        if Int32(what) & EV_TIMEOUT != 0 { return writeTimedOut() }
        switch output.writeNow() {
        case .done: drained()
        case .blocked: break
        case .failed:
            noteLoss()
            close(state.lossReason)
        }
    }

    private func writeTimedOut() {
        let count = socket.unsentByteCount + output.count
        perform(state.writeTimedOut(byteCount: count, now: SystemClock.monotonic(), limits: gate.limits))
    }

    func deadlinePassed() { perform(state.deadlinePassed(isHandshaking: tls?.isOpen == false)) }

    func continueTurn() { perform(state.nextTurn()) }

    func beginDraining() {
        perform(
            state.beginDraining(
                hasInput: input.count > 0, hasUnreadBytes: socket.hasUnreadBytes, now: SystemClock.monotonic()))
    }

    /// Called when one side of the connection changes to new keys (RFC 8446 section 4.6.3). Ends the connection of a
    /// peer that does so too often.
    func keysChanged(byPeer: Bool) {
        guard byPeer else { tls?.keysChanged(); return }
        let isOneTooMany = tls?.peerKeyChanges.isOneTooMany(now: SystemClock.monotonic()) == true
        if isOneTooMany { perform(state.endNextTurn(.abuse)) }
    }

    private func handshakeDone() {
        guard let tls else { return }
        tls.handshakeDone()
        gate.handler?.report(handshakeOf: tls)
    }

    private func handshakeFailed() {
        if hasSpokenPlain {
            gate.handler?.answerPlain(socket, of: peer, gate)
        } else {
            gate.handler?.report(failedHandshakeOf: peer)
        }
        close(.byPeer)
    }

    /// Carries out an action of the state.
    func perform(_ action: ConnectionAction) {
        gate.loop.assertIsCurrent()
        switch action {
        case .none: break
        case .readHeads: readHeads()
        case .readInput: readable()
        case .dropInput:
            let count = input.dropAll()
            perform(state.dropped(count, now: SystemClock.monotonic()))
        case .showInput:
            owner?.received(input.queue)
            state.ownerHasRead(left: input.count, limit: input.maxBytes)
        case .tellDrained: owner?.tellDrained()
        case .tellDeadlinePassed: owner?.tellDeadlinePassed()
        case .tellEndReached: owner?.tellEndReached()
        case .sendRefusal: if let refusal { answerAndClose(refusal) }
        case .refuseSlowHead: refuse(.headTooSlow)
        case .failHandshake:
            gate.handler?.report(failedHandshakeOf: peer)
            close(.byServer)
        case .awaitNextRequest:
            reportAnswer()
            awaitNextRequest()
        case .endWhenReceived: endWhenReceived()
        case .linger: linger()
        case .stopSending: stopSending()
        case .askAcknowledged:
            perform(
                state.lingered(
                    unacknowledged: socket.unacknowledgedByteCount, isDraining: gate.isDraining,
                    now: SystemClock.monotonic(), limits: gate.limits))
        case .keepWriting: output.keepWriting()
        case .postpone: gate.postpone(self)
        case .close(let reason): close(reason)
        }
    }

    private func endWhenReceived() {
        reportAnswer()
        let isReceived =
            input.count == 0 && !socket.hasUnreadBytes && socket.unacknowledgedByteCount == 0
        perform(state.end(isReceived: isReceived, now: SystemClock.monotonic()))
    }

    /// Waits for the peer's end. The owner is told at once.
    private func linger() {
        let owner = owner
        self.owner = nil
        input.dropAll()
        stopSending()
        owner?.didClose(.byServer)
    }

    private func stopSending() {
        tls?.sayGoodbye()
        socket.endSending()
        reportAnswer()
        perform(state.sendingStopped(now: SystemClock.monotonic()))
    }
}
