// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import System

// Ending connections when the server ends.
extension GateConnection {
    /// The time in which a new connection's first request may still arrive.
    private static let firstRequestTime = Duration.milliseconds(250)

    /// Ends the connection, unless a request is under way or may be.
    func beginDraining() {
        guard isBetweenRequests, !hasUnreadBytes else { return }
        // Clients repeat a lost request by themselves only on a connection that has served them before.
        if isKept { closeWhenReceived() } else { limitFirstRequest() }
    }

    /// Limits the wait for the first request, so that a newly accepted connection does not delay the server's end.
    func limitFirstRequest() {
        deadline = min(deadline, SystemClock.monotonic() + Self.firstRequestTime)
    }

    /// True while no byte of a request has been read.
    private var isBetweenRequests: Bool {
        guard case .awaitingHead = state else { return false }
        return input.count == 0
    }

    /// True if the kernel holds bytes of the peer that this turn of the loop has not read yet.
    var hasUnreadBytes: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        return unsafe recv(descriptor, &byte, 1, flags) > 0
    }
}
