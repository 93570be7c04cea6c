// SPDX-License-Identifier: MIT
import System

/// Tells a stalled peer from a slow one, by the number of bytes that wait for it.
///
/// A socket that accepts no bytes proves nothing: the kernel calls it writable again when a good part of its buffer is
/// free, three quarters for a unix socket, and a slow peer may need longer for that than the stall limit.
///
/// A pure value: the caller passes the time.
struct StallWatch {
    /// The number of looks within one stall limit.
    static let looks = 8

    private var seen: Int?
    private var since = Instant.distantFuture

    /// Returns true if `count` bytes have waited for `limit`, unchanged.
    ///
    /// - Parameter waited: the time for which the peer was waited for before the first look. A look may be early by
    ///   half of it.
    mutating func isStalled(at count: Int, now: Instant, limit: Duration, waited: Duration = .zero) -> Bool {
        if count != seen { (seen, since) = (count, seen == nil ? now + (.zero - waited) : now) }
        return now - since + waited / 2 >= limit
    }

    /// Starts over, after every byte was taken.
    mutating func restart() { seen = nil }
}
