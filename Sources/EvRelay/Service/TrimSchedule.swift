// SPDX-License-Identifier: MIT
import LibEvent
import System

/// Decides when free memory is given back to the system. The C library keeps memory that is free between blocks in use:
/// buffers of 17 KiB that TLS handshakes leave behind, which make a fifth of what a viewer with TLS would otherwise
/// cost, and the frames of a burst.
///
/// A pure value: the caller passes the time. Giving memory back takes a lock that every allocation needs. It therefore
/// waits until a crowd has connected, and is not repeated for the few that come later.
struct TrimSchedule {
    /// The least number of handshakes that leaves enough memory behind to give back.
    static let minHandshakes = 32
    /// The least bytes of freed frames that are worth giving back.
    static let minFrameBytes = 16 << 20
    /// The shortest time since memory was last given back, if handshakes are the reason.
    static let interval = Duration.seconds(10)
    /// The shortest time since memory was last given back, if frames are the reason.
    static let frameInterval = Duration.seconds(3)

    private var seen = 0
    private var trimmedAt = 0
    private var last = Instant(nanoseconds: 0)

    /// Returns true if memory is to be given back now: a crowd has connected since the last time, and nobody since the
    /// last call; or at least `minFrameBytes` of frames have been freed.
    /// - Parameters:
    ///   - handshakes: the number of TLS handshakes since the start.
    ///   - goneFrameBytes: the bytes by which frame memory is below its highest level since the last time.
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
