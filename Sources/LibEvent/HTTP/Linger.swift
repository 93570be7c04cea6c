// SPDX-License-Identifier: MIT
import System

/// The limits of a connection that only waits for its end, so that its peer can read the last answer.
///
/// A system that closes a socket with unread bytes, or that receives bytes for it afterwards, resets the connection,
/// and the peer discards what it has not read (RFC 9112 section 9.6). So the gate drops what arrives, and closes when
/// the peer's system has acknowledged everything.
///
/// A pure value: the caller passes the time.
struct Linger {
    /// The time to read the answer for a peer that sends nothing, and for any peer refused for lack of room.
    static let quietTime = Duration.seconds(1)
    /// The longest time for a peer that still sends: a camera on a slow line that has begun a frame reads nothing
    /// before it has sent all of it.
    static let longestSending = Duration.seconds(10)
    /// The most bytes that a lingering peer may send: 8 MiB. A proxy sends a whole upload before it reads the answer;
    /// if it cannot, it tells its client that the relay is broken.
    static let maxDroppedBytes = 8 << 20

    /// The moment at which `deadlinePassed` is due.
    private(set) var deadline = Instant.distantFuture
    /// False if the connection has no place in the budget: it was refused for lack of room.
    private let isCounted: Bool
    /// The moment at which the connection ends even if the peer still sends.
    private var end = Instant.distantFuture
    private var droppedBytes = 0
    private var stallWatch = StallWatch()

    init(isCounted: Bool, now: Instant) {
        self.isCounted = isCounted
        start(at: now)
    }

    /// Starts the time limits: at the beginning, and again once the answer is with the kernel.
    mutating func start(at now: Instant) {
        end = now + (isCounted ? Self.longestSending : Self.quietTime)
        deadline = now + Self.quietTime
    }

    /// Handles an answer that is pending, since earlier ones fill the socket. The stall limit applies to a slow client;
    /// a refused connection keeps its short deadline.
    mutating func answerIsPending() { if isCounted { deadline = .distantFuture } }

    /// Counts dropped bytes, which prolong the time up to the limits.
    mutating func drop(_ count: Int, now: Instant) -> ConnectionAction {
        droppedBytes += count
        guard droppedBytes <= Self.maxDroppedBytes else { return .close(.byServer) }
        // While the answer is pending, the stall limit decides.
        if deadline < .distantFuture { deadline = min(end, now + Self.quietTime) }
        return .none
    }

    /// Ends the connection, unless its peer is a slow reader: while it accepts bytes within each stall limit, it gets
    /// the rest. A refused connection gets no more time.
    mutating func deadlinePassed(
        _ unacknowledged: Int, now: Instant, stallTimeout: Duration
    ) -> ConnectionAction {
        guard unacknowledged > 0, isCounted else { return .close(.byServer) }
        if stallWatch.isStalled(at: unacknowledged, now: now, limit: stallTimeout) { return .close(.stalled) }
        deadline = now + Self.quietTime
        return .none
    }
}
