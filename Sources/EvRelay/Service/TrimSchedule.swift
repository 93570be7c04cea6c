// SPDX-License-Identifier: MIT
import LibEvent

/// When to give memory back to the system that is free between things that stay, so that the C library keeps it: buffers of
/// 17 KiB that TLS handshakes leave behind, a fifth of what a viewer with TLS costs otherwise, and frames of a burst.
///
/// A value: it takes the time. Giving back takes a lock that every allocation needs, so it waits until a crowd has come
/// in, and is not repeated for the few that come later.
struct TrimSchedule {
    /// So many handshakes leave something worth the while.
    static let minHandshakes = 32
    /// So many bytes of frames do.
    static let minFrameBytes = 16 << 20
    /// Time to pass between two times.
    static let interval = Duration.seconds(10)
    /// The same where frames are the reason.
    static let frameInterval = Duration.seconds(3)

    private var seen = 0
    private var trimmedAt = 0
    private var last = Instant(nanoseconds: 0)

    /// True if now is a good time: a crowd has come since the last one, and nobody since the last question; or most of the
    /// frames that there were are gone.
    /// - Parameters:
    ///   - handshakes: all of them since the start.
    ///   - goneFrameBytes: how much less frames take now than they once did since the last time.
    mutating func isDue(handshakes: Int, goneFrameBytes: Int, now: Instant) -> Bool {
        defer { seen = handshakes }
        let isCrowdIn =
            handshakes == seen && handshakes - trimmedAt >= Self.minHandshakes && now - last >= Self.interval
        let areFramesGone = goneFrameBytes >= Self.minFrameBytes && now - last >= Self.frameInterval
        guard isCrowdIn || areFramesGone else { return false }
        trimmedAt = handshakes
        last = now
        return true
    }
}
