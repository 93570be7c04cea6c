// SPDX-License-Identifier: MIT

/// Counters of one camera's frames, received and sent.
///
/// Sendable: any thread may count and read.
public final class Traffic: Sendable {
    /// Counters of the frames that the camera has sent to the relay.
    public let received = ReceivedTraffic()
    /// Counters of the frames that viewers were sent.
    public let sent = SentTraffic()
    /// Publishers that have taken the camera over from another one.
    public let takeovers = Counter()

    /// Creates counters at 0.
    public init() {}
}

/// Counters of received frames.
///
/// Sendable: any thread may count and read.
public final class ReceivedTraffic: Sendable {
    /// Frames accepted.
    public let frames = Counter()
    /// Bytes of the accepted JPEGs.
    public let bytes = Counter()

    /// Creates counters at 0.
    public init() {}

    /// Counts one frame with a JPEG of `count` bytes.
    public func add(bytes count: Int) {
        frames.add()
        bytes.add(count)
    }
}

/// Counters of sent frames.
///
/// Sendable: any thread may count and read.
public final class SentTraffic: Sendable {
    /// Frames handed to viewers' connections, repetitions included.
    public let frames = Counter()
    /// Bytes of the parts handed to viewers' connections: JPEGs with their part heads and delimiters.
    public let bytes = Counter()
    /// Frames skipped by viewers that were busy or not due.
    public let skipped = Counter()

    /// Creates counters at 0.
    public init() {}
}
