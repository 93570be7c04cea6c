// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

// How a connection ends when the server does.
extension GateConnection {
    /// How long a new connection's first request may still be on its way.
    private static let firstRequestTime = Duration.milliseconds(250)

    /// Ends the connection unless a request is under way, or may be.
    func beginDraining() {
        guard isBetweenRequests, !hasUnreadBytes else { return }
        // Clients repeat by themselves what was lost on a connection that has served them before, and only that.
        if isKept { closeWhenReceived() } else { limitFirstRequest() }
    }

    /// A connection that has only just been accepted must not hold up the server's end.
    func limitFirstRequest() {
        deadline = min(deadline, SystemClock.monotonic() + Self.firstRequestTime)
    }

    /// True while nothing of a request was read.
    private var isBetweenRequests: Bool {
        guard case .awaitingHead = state else { return false }
        return input.count == 0
    }

    /// True if bytes of the peer are with the kernel already, which this turn of the loop has not come to.
    var hasUnreadBytes: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        return unsafe recv(descriptor, &byte, 1, flags) > 0
    }
}
