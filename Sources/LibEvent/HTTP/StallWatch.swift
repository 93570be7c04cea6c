// SPDX-License-Identifier: MIT

/// Tells a peer that takes nothing from a slow one, by what waits for it.
///
/// A socket that takes no bytes is no sign: the kernel calls it writable again when a good part of its buffer is free, of a
/// unix socket's three quarters, and a slow peer may need longer for that than the stall limit.
///
/// A value: it takes the time.
struct StallWatch {
    /// Looks within one stall limit.
    static let looks = 8

    private var seen: Int?
    private var since = Instant.distantFuture

    /// True if `count` bytes have waited for `limit`, unchanged.
    ///
    /// - Parameter waited: how long the peer has been waited for before the first look; half of it is what a look may come
    ///   early by.
    mutating func isStalled(at count: Int, now: Instant, limit: Duration, waited: Duration = .zero) -> Bool {
        if count != seen { (seen, since) = (count, seen == nil ? now + (.zero - waited) : now) }
        return now - since + waited / 2 >= limit
    }

    /// Begins anew: everything was taken.
    mutating func restart() { seen = nil }
}
