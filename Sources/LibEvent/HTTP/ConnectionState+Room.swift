// SPDX-License-Identifier: MIT
import System

// Connections that may end to make room for another one, and the times of connections without a request.
extension ConnectionState {
    /// The time in which the request of a refused connection should begin to arrive, a TLS handshake included.
    static let refusalPause = Duration.milliseconds(500)
    /// The time in which a new connection's first request may still arrive while the server drains.
    static let firstRequestTime = Duration.milliseconds(250)
    /// The time after accept in which a client's first bytes are expected.
    static let firstPause = Duration.milliseconds(20)
    /// The time after which an incomplete head protects its connection no longer: it is hardly a real client's, or not
    /// worth keeping another client out.
    static let longestHead = Duration.seconds(1)
    /// The longest pause between two frames for which a camera's connection still counts as part of its upload.
    static let longestCameraPause = Duration.seconds(10)

    /// Returns true while the next request is awaited, or the last answer is with the kernel. An unfinished TLS
    /// handshake counts as part of the first request's head.
    func isIdle(isOutputPending: @autoclosure () -> Bool) -> Bool {
        switch stage {
        case .awaitingHead: isCounted
        case .lingering: isCounted && !isOutputPending()
        case .entering, .refusing, .answering, .taken, .closed: false
        }
    }

    /// Returns true if the first request may be about to arrive. Clients repeat a lost request by themselves only on a
    /// connection that has served them before.
    func isNew(hasInput: Bool, now: Instant) -> Bool {
        stage == .awaitingHead && !isKept && !hasInput && now - requestBegan < Self.firstPause
    }

    /// Returns true if no request of the peer is under way, or only a head that has taken longer than `longestHead`.
    func isExpendable(hasInput: Bool, hasUnreadBytes: @autoclosure () -> Bool, now: Instant) -> Bool {
        switch stage {
        case .lingering: return true
        case .entering, .refusing, .answering, .taken, .closed: return false
        case .awaitingHead: break
        }
        guard !isPostponed, !hasUnreadBytes() else { return false }
        if isKept, purpose == .upload, now - idleSince < Self.longestCameraPause { return false }
        return !hasInput || now - requestBegan > Self.longestHead
    }
}
