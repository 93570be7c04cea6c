// SPDX-License-Identifier: MIT
import LibEvent
public import System

/// Decides which frames one viewer is sent, and when. Pure: the caller passes the time and the state of the connection.
///
/// *Latest wins*: a viewer with pending bytes gets nothing. When they have drained, it is offered the latest frame
/// again. At most one frame is in flight.
public struct DeliveryState: Sendable, Equatable {
    /// The decision about an offered frame.
    public enum Decision: Equatable, Sendable {
        /// Send the frame now.
        case send
        /// Send the frame now and end the stream after it: the viewer has all the frames it asked for.
        case sendLast
        /// The viewer has this frame or a newer one.
        case alreadySent
        /// Bytes are pending. Offer the latest frame again when they have drained.
        case busy
        /// The viewer's rate does not allow a frame yet. Offer the latest frame again at this time.
        case tooEarly(Instant)
    }

    /// The shortest time between two frames (`?fps=`); nil to send every frame.
    public let minimumInterval: Duration?
    /// Frames still to send before the stream ends (`?frames=`); nil for a stream without end.
    public private(set) var framesLeft: Int?
    /// Sequence of the frame sent last; nil before the first.
    public private(set) var lastSequence: Int64?
    /// The time at which a frame was last sent, repetitions included; nil before the first.
    public private(set) var lastSent: Instant?
    /// Frames skipped because this viewer was busy or not due.
    public private(set) var skippedFrames: Int64 = 0
    /// Frames sent, without repetitions.
    public private(set) var sentFrames: Int64 = 0
    private var nextDue: Instant?

    /// Creates the policy of a viewer that has been sent nothing.
    public init(minimumInterval: Duration? = nil, frames: Int? = nil) {
        self.minimumInterval = minimumInterval
        framesLeft = frames
    }

    /// The state that another process needs to continue a viewer's stream.
    public struct Resumption: Equatable, Sendable {
        /// `?fps=` as the shortest time between two frames, in nanoseconds.
        public let minimumIntervalNanoseconds: Int64?
        /// Frames still to send of `?frames=`.
        public let framesLeft: Int?
        /// Sequence of the frame sent last; nil before the first.
        public let lastSequence: Int64?

        /// Creates the state.
        public init(minimumIntervalNanoseconds: Int64?, framesLeft: Int?, lastSequence: Int64?) {
            self.minimumIntervalNanoseconds = minimumIntervalNanoseconds
            self.framesLeft = framesLeft
            self.lastSequence = lastSequence
        }
    }

    /// The state to leave to another process.
    public var resumption: Resumption {
        Resumption(
            minimumIntervalNanoseconds: minimumInterval?.wholeNanoseconds, framesLeft: framesLeft,
            lastSequence: lastSequence)
    }

    /// Creates the policy of a viewer that another process has served until `now`.
    public init(resuming resumption: Resumption, now: Instant) {
        self.init(
            minimumInterval: resumption.minimumIntervalNanoseconds.map { .nanoseconds($0) },
            frames: resumption.framesLeft)
        lastSequence = resumption.lastSequence
        // Counted from here, the frame sent last is repeated as it would have been.
        if lastSequence != nil { lastSent = now }
    }

    /// Decides about a frame, and counts it as sent if the decision is to send.
    public mutating func offer(sequence: Int64, isPending: Bool, now: Instant) -> Decision {
        if let lastSequence, sequence <= lastSequence { return .alreadySent }
        if isPending { return .busy }
        if let minimumInterval, let due = nextDue {
            // A quarter of the interval early is close enough: a camera at exactly the requested rate must not lose
            // every other frame to jitter.
            let tolerance = minimumInterval / 4
            guard now + tolerance >= due else { return .tooEarly(due) }
        }
        return sending(sequence, now)
    }

    /// Returns true if the frame sent last is to be sent again because nothing has been sent for `interval`. It then
    /// counts as sent at `now`.
    public mutating func offerRepetition(after interval: Duration, isPending: Bool, now: Instant) -> Bool {
        guard let lastSent, !isPending, now - lastSent >= interval else { return false }
        self.lastSent = now
        return true
    }

    private mutating func sending(_ sequence: Int64, _ now: Instant) -> Decision {
        if let lastSequence { skippedFrames += sequence - lastSequence - 1 }
        lastSequence = sequence
        lastSent = now
        sentFrames += 1
        if let minimumInterval {
            // Counted from the due time, so that the mean rate is the requested one. A viewer that is more than one
            // interval behind starts anew instead of catching up.
            let planned = nextDue.map { $0 + minimumInterval } ?? now + minimumInterval
            nextDue = planned > now ? planned : now + minimumInterval
        }
        guard let left = framesLeft else { return .send }
        framesLeft = left - 1
        return left <= 1 ? .sendLast : .send
    }
}
