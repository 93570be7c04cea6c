// SPDX-License-Identifier: MIT

/// Frames in and out of one camera.
///
/// Sendable: any thread counts, any reads.
final class Traffic: Sendable {
    let received = ReceivedTraffic()
    let sent = SentTraffic()
    /// Publishers that have replaced another one.
    let takeovers = Counter()
}

/// Frames that came in.
///
/// Sendable: any thread counts, any reads.
final class ReceivedTraffic: Sendable {
    /// Frames accepted.
    let frames = Counter()
    /// Bytes of their JPEGs.
    let bytes = Counter()

    /// Counts one frame.
    func add(bytes count: Int) {
        frames.add()
        bytes.add(count)
    }
}

/// Frames that went out.
///
/// Sendable: any thread counts, any reads.
final class SentTraffic: Sendable {
    /// Frames handed to viewers' connections, repetitions included.
    let frames = Counter()
    /// Bytes of stream they made.
    let bytes = Counter()
    /// Frames that came and went while a viewer was busy or not due.
    let skipped = Counter()
}
