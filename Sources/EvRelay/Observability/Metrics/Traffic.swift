// SPDX-License-Identifier: MIT

/// Counters of one camera's frames, received and sent.
///
/// Sendable: any thread may count and read.
final class Traffic: Sendable {
    let received = ReceivedTraffic()
    let sent = SentTraffic()
    /// Publishers that have taken the camera over from another one.
    let takeovers = Counter()
}

/// Counters of received frames.
///
/// Sendable: any thread may count and read.
final class ReceivedTraffic: Sendable {
    /// Frames accepted.
    let frames = Counter()
    /// Bytes of the accepted JPEGs.
    let bytes = Counter()

    /// Counts one frame with a JPEG of `count` bytes.
    func add(bytes count: Int) {
        frames.add()
        bytes.add(count)
    }
}

/// Counters of sent frames.
///
/// Sendable: any thread may count and read.
final class SentTraffic: Sendable {
    /// Frames handed to viewers' connections, repetitions included.
    let frames = Counter()
    /// Bytes of the parts handed to viewers' connections: JPEGs with their part heads and delimiters.
    let bytes = Counter()
    /// Frames skipped by viewers that were busy or not due.
    let skipped = Counter()
}
