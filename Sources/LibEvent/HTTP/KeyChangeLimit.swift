// SPDX-License-Identifier: MIT
import System

/// The limit of key changes: tells a peer that changes its keys with reason from one that does nothing else.
///
/// A key lasts for millions of records (RFC 8446 section 5.5), while a change costs this side some microseconds for 27
/// bytes. Pure: the caller passes the time.
struct KeyChangeLimit: Sendable, Equatable {
    /// The most changes in `interval`.
    static let maxChanges = 32
    static let interval = Duration.seconds(60)

    private var changes = 0
    private var began = Instant.distantFuture

    /// Counts a change; true if there are more than `maxChanges` in `interval`.
    mutating func isOneTooMany(now: Instant) -> Bool {
        if changes == 0 || now - began >= Self.interval { (changes, began) = (0, now) }
        changes += 1
        return changes > Self.maxChanges
    }
}
