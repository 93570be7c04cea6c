// SPDX-License-Identifier: MIT
import System

// Idle connections: where there is no room for a new one, the one that has been idle longest ends.
extension GateConnection {
    /// The time after accept in which a client's first bytes are expected.
    private static let firstPause = Duration.milliseconds(20)
    /// The time after which an incomplete head protects its connection no longer: it is hardly a real client's, or not
    /// worth keeping another client out.
    private static let longestHead = Duration.seconds(1)
    /// The longest pause between two frames for which a camera's connection still counts as part of its upload.
    private static let longestCameraPause = Duration.seconds(10)

    /// True while the next request is awaited, or the last answer is with the kernel. An unfinished TLS handshake
    /// counts as part of the first request's head.
    private var isIdle: Bool {
        guard isCounted else { return false }
        return switch state {
        case .awaitingHead: true
        case .lingering: !isOutputPending
        case .refusing, .answering, .taken, .closed: false
        }
    }

    /// Adds the connection to the lines of idle connections, or removes it.
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

    /// Ends the connection so that another one has room.
    func letGo() {
        if tls?.isOpen == false { gate.handler?.shookHands(.failed) }
        close(.byServer)
    }

    /// True if the first request may be about to arrive. Clients repeat a lost request by themselves only on a
    /// connection that has served them before.
    var isNew: Bool {
        guard case .awaitingHead = state, !isKept, input.count == 0 else { return false }
        return SystemClock.monotonic() - requestBegan < Self.firstPause
    }

    /// True if no request of the peer is under way, or only a head that has taken longer than `longestHead`.
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

    /// Moves the connection to the end of the lines.
    func waitAgain() {
        guard idlePlace.isTaken else { return }
        gate.idle.leave(idlePlace)
        gate.idle.join(self, at: idlePlace)
        guard let line = address?.idle else { return }
        line.leave(addressPlace)
        line.join(self, at: addressPlace)
    }
}
