// SPDX-License-Identifier: MIT
import LibEvent

/// Decides what one viewer is sent and when. Pure: it is given the time and the state of the connection.
///
/// *Latest wins*: a viewer whose bytes are still pending gets nothing; once they are out it is offered the newest frame
/// again. At most one frame is in flight.
struct DeliveryPolicy: Sendable, Equatable {
    /// What to do with an offered frame.
    enum Decision: Equatable, Sendable {
        /// Send it now.
        case send
        /// Send it now and end the stream behind it: the viewer has all the frames it asked for.
        case sendLast
        /// The viewer has this frame or a newer one.
        case alreadySent
        /// Bytes are pending; the newest frame is to be offered again when they are out.
        case busy
        /// The viewer's rate does not allow it yet; the newest frame is to be offered again then.
        case tooEarly(Instant)
    }

    /// Shortest time between two frames (`?fps=`); nil for every frame.
    let minimumInterval: Duration?
    /// Frames still to send before the stream ends (`?frames=`); nil for no end.
    private(set) var framesLeft: Int?
    /// Sequence of the frame sent last; nil before the first.
    private(set) var lastSequence: Int64?
    /// When a frame was sent last.
    private(set) var lastSent: Instant?
    /// Frames that came and went while this viewer was busy or not due.
    private(set) var skippedFrames: Int64 = 0
    /// Frames sent, repetitions not counted.
    private(set) var sentFrames: Int64 = 0
    private var nextDue: Instant?

    /// The policy of a viewer that has been sent nothing.
    init(minimumInterval: Duration? = nil, frames: Int? = nil) {
        self.minimumInterval = minimumInterval
        framesLeft = frames
    }

    /// What another process needs to go on with a viewer.
    struct Resumption: Equatable, Sendable {
        /// `?fps=` as the shortest time between two frames.
        let minimumIntervalNanoseconds: Int64?
        /// `?frames=`, as far as it is not fulfilled.
        let framesLeft: Int?
        /// Sequence of the frame sent last.
        let lastSequence: Int64?
    }

    /// What to leave to another process.
    var resumption: Resumption {
        Resumption(
            minimumIntervalNanoseconds: minimumInterval?.wholeNanoseconds, framesLeft: framesLeft,
            lastSequence: lastSequence)
    }

    /// The policy of a viewer that another process has served until `now`.
    init(resuming resumption: Resumption, now: Instant) {
        self.init(
            minimumInterval: resumption.minimumIntervalNanoseconds.map { .nanoseconds($0) },
            frames: resumption.framesLeft)
        lastSequence = resumption.lastSequence
        // From here on the frame sent last is repeated, as it would have been.
        if lastSequence != nil { lastSent = now }
    }

    /// Decides about a frame, and counts it as sent if the decision is to send.
    mutating func offer(sequence: Int64, isPending: Bool, now: Instant) -> Decision {
        if let lastSequence, sequence <= lastSequence { return .alreadySent }
        if isPending { return .busy }
        if let minimumInterval, let due = nextDue {
            // A quarter of the interval early is near enough: a camera at the very rate asked for must not lose every
            // other frame to jitter.
            let tolerance = minimumInterval / 4
            guard now + tolerance >= due else { return .tooEarly(due) }
        }
        return sending(sequence, now)
    }

    /// Whether the frame sent last should be sent again because nothing has been sent for `interval`.
    mutating func offerRepetition(after interval: Duration, isPending: Bool, now: Instant) -> Bool {
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
            // Counted from the due time, so that the mean rate is the one asked for; a viewer that fell behind by more
            // than one interval starts anew instead of catching up.
            let planned = nextDue.map { $0 + minimumInterval } ?? now + minimumInterval
            nextDue = planned > now ? planned : now + minimumInterval
        }
        guard let left = framesLeft else { return .send }
        framesLeft = left - 1
        return left <= 1 ? .sendLast : .send
    }
}
