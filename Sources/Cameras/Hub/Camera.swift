// SPDX-License-Identifier: MIT
public import LibEvent
import Synchronization
import WireFormat

/// A named source of frames: its latest frame, and the loops that have viewers of it.
///
/// Sendable: any loop may publish, join and leave at any time. A camera exists from its first accepted frame or its
/// first viewer, whichever comes first. Without a frame it is not listed and does not count against `--max-cameras`.
public final class Camera: Sendable {
    /// The camera's name.
    public let id: CameraID
    /// Counters of this camera's frames on all loops.
    public let traffic = Traffic()
    private let state: Mutex<State>

    private struct State {
        var latest: Frame?
        /// The second since 1970 in which the latest frame arrived; -1 before the first.
        var latestSecond: Int64 = -1
        var hasTrailingBytes = false
        var sequence: Int64
        var meter = RateMeter()
        /// Viewers and waiting snapshots of each loop, by index. A loop with any is told of a new frame.
        var interest: [Int]
        var viewers = 0
        var announced = CameraState.offline
        /// The current period of sending; empty while the camera is offline.
        var session = Session()
        /// The lease of the camera's publisher.
        var lease = PublisherLease()
        /// The time of the last snapshot request.
        var lastSnapshot: Instant?
        /// True once the registry has removed this object. Nothing may be published here after that.
        var isForgotten = false
    }

    /// The result of publishing a frame.
    public struct Publication: Sendable {
        /// The latest frame.
        public let frame: Frame
        /// Viewers on all loops.
        public let viewers: Int
        /// True if the camera is watched: by a viewer, a waiting snapshot, or a snapshot request within
        /// `snapshotInterest`.
        public let isWatched: Bool
        /// Indices of the loops that have a viewer or a waiting snapshot of this camera.
        public let interestedLoops: [Int]
        /// True if the camera was not live before this frame.
        public let cameAlive: Bool
        /// True if the frame's publisher has replaced another one.
        public let isTakeover: Bool
        /// True if this is the camera's first frame with bytes after its JPEG.
        public let isFirstWithTrailingBytes: Bool
    }

    /// Creates a camera without a frame. Its sequence starts above those of earlier runs.
    public init(_ id: CameraID, loops: Int, nowMicroseconds: Int64) {
        self.id = id
        // A thousand numbers a second are kept free. A restart continues above the last number if the camera has sent
        // fewer frames a second than that on average.
        state = Mutex(State(sequence: nowMicroseconds / 1000, interest: Array(repeating: 0, count: loops)))
    }

    /// Makes `checked` the latest frame. Returns nil if this camera has just been forgotten; look it up again then.
    /// - Throws: if the camera belongs to another publisher. Nothing has changed then.
    public func publish(
        _ checked: FinishedFrame, by publisher: PublisherIdentity, _ rules: PublisherLease.Rules,
        timestampMicroseconds: Int64, now: Instant
    ) throws(FrameRefusal) -> Publication? {
        try state.withLock { (state) throws(FrameRefusal) in
            guard !state.isForgotten else { return nil }
            let decision = state.lease.claim(publisher, now: now, rules)
            if let refusal = FrameRefusal(decision) { throw refusal }
            let isTakeover = decision == .granted(isTakeover: true)
            if isTakeover { traffic.takeovers.add() }
            state.sequence += 1
            let second = timestampMicroseconds / 1_000_000
            let frame = Frame(
                checked, camera: id, sequence: state.sequence, timestampMicroseconds: timestampMicroseconds,
                arrived: now, isFirstOfSecond: second != state.latestSecond)
            state.latest = frame
            state.latestSecond = second
            let isFirstWithTrailingBytes = checked.trailingBytes > 0 && !state.hasTrailingBytes
            if isFirstWithTrailingBytes { state.hasTrailingBytes = true }
            state.session.record(frame.jpegBytes, now)
            traffic.received.add(bytes: frame.jpegBytes)
            state.meter.record(bytes: frame.jpegBytes, at: now)
            let cameAlive = state.announced != .live
            state.announced = .live
            let loops = state.interest.indices.filter { state.interest[$0] > 0 }
            let isPolled = state.lastSnapshot.map { now - $0 < Self.snapshotInterest } ?? false
            return Publication(
                frame: frame, viewers: state.viewers, isWatched: !loops.isEmpty || isPolled, interestedLoops: loops,
                cameAlive: cameAlive, isTakeover: isTakeover, isFirstWithTrailingBytes: isFirstWithTrailingBytes)
        }
    }

    /// Returns the refusal that a frame of `publisher` would meet now; nil if it would be accepted.
    public func refusal(
        of publisher: PublisherIdentity, _ rules: PublisherLease.Rules, now: Instant
    ) -> FrameRefusal? {
        FrameRefusal(state.withLock { $0.lease.decision(for: publisher, now: now, rules) })
    }

    /// Ends the lease of a streaming upload that has ended.
    public func ended(_ publisher: PublisherIdentity) { state.withLock { $0.lease.end(publisher) } }

    /// Restores the latest frame of an earlier process, with its sequence. Returns false if a newer frame has arrived.
    public func restore(_ frame: Frame, _ status: CameraAges, now: Instant) -> Bool {
        state.withLock { state in
            guard !state.isForgotten, state.latest == nil else { return false }
            state.latest = frame
            state.latestSecond = frame.timestampMicroseconds / 1_000_000
            // The earlier process has logged this state.
            state.announced = status.state(age: now - frame.arrived)
            // The frame's own sequence, not the time of day: a gap would count as frames that viewers have skipped.
            state.sequence = frame.sequence
            return true
        }
    }

    /// The latest frame; nil before the first.
    public var latest: Frame? { state.withLock { $0.latest } }

    /// The time after a snapshot request in which the camera counts as watched. A page that shows snapshots asks again
    /// within it.
    public static let snapshotInterest = Duration.seconds(3)

    /// Returns the latest frame for a snapshot, whose request counts as watching for `snapshotInterest`.
    public func snapshot(now: Instant) -> Frame? {
        state.withLock { state in
            state.lastSnapshot = now
            return state.latest
        }
    }

    /// Viewers on all loops.
    public var viewers: Int { state.withLock { $0.viewers } }

    /// The result of joining.
    public enum Joining: Sendable {
        /// From now on every frame newer than `latest` reaches the loop.
        case joined(latest: Frame?)
        /// The camera has as many viewers as it may have.
        case full
        /// The camera has been forgotten; look it up again.
        case forgotten
    }

    /// Counts a viewer, or a waiting snapshot, on a loop.
    /// - Parameter maxViewers: the most viewers of the camera; nil for a waiting snapshot, which is not a viewer.
    public func join(loop: Int, maxViewers: Int?) -> Joining {
        state.withLock { state in
            guard !state.isForgotten else { return .forgotten }
            if let maxViewers {
                guard state.viewers < maxViewers else { return .full }
                state.viewers += 1
            }
            state.interest[loop] += 1
            return .joined(latest: state.latest)
        }
    }

    /// Takes back what `join` counted.
    public func leave(loop: Int, isViewer: Bool) {
        state.withLock { state in
            assert(state.interest[loop] > 0, "nobody leaves who has not joined")
            state.interest[loop] -= 1
            if isViewer { state.viewers -= 1 }
        }
    }

    /// Returns the summary for the API; nil before the first frame.
    public func summary(_ status: CameraAges, now: Instant) -> CameraSummary? {
        state.withLock { state in
            guard let latest = state.latest else { return nil }
            let age = now - latest.arrived
            return CameraSummary(
                frame: latest, state: status.state(age: age), age: age,
                framesPerSecond: state.meter.framesPerSecond(at: now),
                bytesPerSecond: state.meter.bytesPerSecond(at: now), viewers: state.viewers)
        }
    }

    /// A change of state to report in the log.
    public struct Announcement: Sendable, Equatable {
        /// The camera's name.
        public let camera: CameraID
        /// The state from now on.
        public let state: CameraState
        /// The period of sending until now.
        public let session: Session
    }

    /// Returns the state to report in the log if it differs from the one reported last; nil otherwise.
    public func announce(_ status: CameraAges, now: Instant) -> Announcement? {
        state.withLock { state in
            guard let latest = state.latest else { return nil }
            let current = status.state(age: now - latest.arrived)
            guard current != state.announced else { return nil }
            state.announced = current
            let announcement = Announcement(camera: id, state: current, session: state.session)
            if current == .offline { state.session = Session() }
            return announcement
        }
    }

    /// Marks the camera as forgotten, permanently, if nobody needs it any more. Returns true in that case.
    public func forgetIfUnused(_ status: CameraAges, now: Instant) -> Bool {
        state.withLock { state in
            let isWaitedFor = state.interest.contains { $0 > 0 }
            let isUnused =
                if let latest = state.latest {
                    !isWaitedFor && status.isForgettable(age: now - latest.arrived, viewers: state.viewers)
                } else {
                    !isWaitedFor
                }
            if isUnused { state.isForgotten = true }
            return isUnused
        }
    }
}


/// A camera at one moment.
public struct CameraSummary: Sendable {
    /// The latest frame.
    public let frame: Frame
    /// The state from now on.
    public let state: CameraState
    /// The age of the latest frame.
    public let age: Duration
    /// Frames a second, as `RateMeter` measures them.
    public let framesPerSecond: Double
    /// JPEG bytes a second, as `RateMeter` measures them.
    public let bytesPerSecond: Double
    /// Viewers on all loops.
    public let viewers: Int
}
