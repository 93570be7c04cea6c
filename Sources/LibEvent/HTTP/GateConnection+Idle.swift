// SPDX-License-Identifier: MIT

// When nobody would miss a connection: where there is room for no other one, the one that has been idle longest goes.
extension GateConnection {
    /// The time in which a client's first bytes follow its connection.
    private static let firstPause = Duration.milliseconds(20)
    /// A head that has been on its way for so long is no visitor's, or not worth keeping another one out.
    private static let longestHead = Duration.seconds(1)
    /// A camera's connection between two frames is part of its upload, up to so long a pause.
    private static let longestCameraPause = Duration.seconds(10)

    /// True while the peer owes the next request, or its last answer is with the kernel. A TLS handshake that hangs is
    /// part of the first request's head.
    private var isIdle: Bool {
        guard isCounted else { return false }
        return switch state {
        case .awaitingHead: true
        case .lingering: !isOutputPending
        case .refusing, .answering, .taken, .closed: false
        }
    }

    /// Joins the lines of idle connections, or leaves them.
    func updateIdle() {
        let isIdle = isIdle
        guard isIdle != idlePlace.isTaken else { return }
        if isIdle {
            gate.idle.join(self, at: idlePlace)
            address?.idle.join(self, at: addressPlace)
        } else {
            gate.idle.leave(idlePlace)
            address?.idle.leave(addressPlace)
        }
    }

    /// Ends, so that another connection has room.
    func letGo() {
        if tls?.isOpen == false { gate.handler?.shookHands(.failed) }
        close(.byServer)
    }

    /// True if the first request may be about to come. Clients repeat by themselves what was lost on a connection that has
    /// served them before, and only that.
    var isNew: Bool {
        guard case .awaitingHead = state, !isKept, input.count == 0 else { return false }
        return SystemClock.monotonic() - requestBegan < Self.firstPause
    }

    /// True if no request of the peer is under way, or one that has taken long to come.
    var isExpendable: Bool {
        switch state {
        case .lingering: return true
        case .refusing, .answering, .taken, .closed: return false
        case .awaitingHead: break
        }
        guard !isPostponed, !hasUnreadBytes else { return false }
        let now = SystemClock.monotonic()
        if isKept, answeredPurpose == .upload, now - idleSince < Self.longestCameraPause { return false }
        return input.count == 0 || now - requestBegan > Self.longestHead
    }

    /// Moves to the end of the lines.
    func waitAgain() {
        guard idlePlace.isTaken else { return }
        gate.idle.leave(idlePlace)
        gate.idle.join(self, at: idlePlace)
        guard let line = address?.idle else { return }
        line.leave(addressPlace)
        line.join(self, at: addressPlace)
    }
}
