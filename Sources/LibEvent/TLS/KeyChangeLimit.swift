// SPDX-License-Identifier: MIT

/// Tells a peer that changes its keys for a reason from one that does nothing else.
///
/// A key is good for millions of records (RFC 8446 section 5.5), while a change costs this side some microseconds for
/// 27 bytes. Pure: it is given the time.
struct KeyChangeLimit: Sendable, Equatable {
    /// Most changes in `interval`.
    static let maxChanges = 32
    static let interval = Duration.seconds(60)

    private var changes = 0
    private var began = Instant.distantFuture

    /// Counts a change; true if there are more than anybody makes.
    mutating func isOneTooMany(now: Instant) -> Bool {
        if changes == 0 || now - began >= Self.interval { (changes, began) = (0, now) }
        changes += 1
        return changes > Self.maxChanges
    }
}
