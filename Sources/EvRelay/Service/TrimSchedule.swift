// SPDX-License-Identifier: MIT
import LibEvent

/// When to give memory back to the system that TLS handshakes have left behind: buffers of 17 KiB, freed between things that stay.
/// A fifth of what a viewer with TLS costs otherwise.
///
/// A value: it takes the time. Giving back takes a lock that every allocation needs, so it waits until a crowd has come
/// in, and is not repeated for the few that come later.
struct TrimSchedule {
    /// So many handshakes leave something worth the while.
    static let minHandshakes = 32
    /// Time to pass between two times.
    static let interval = Duration.seconds(10)

    private var seen = 0
    private var trimmedAt = 0
    private var last = Instant(nanoseconds: 0)

    /// True if now is a good time: a crowd has come since the last one, and nobody since the last question.
    /// - Parameter handshakes: all of them since the start.
    mutating func isDue(handshakes: Int, now: Instant) -> Bool {
        defer { seen = handshakes }
        guard handshakes == seen, handshakes - trimmedAt >= Self.minHandshakes, now - last >= Self.interval else {
            return false
        }
        trimmedAt = handshakes
        last = now
        return true
    }
}
