// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import WireFormat

/// A named source of frames: its latest frame, and which loops have viewers of it.
///
/// Sendable: any loop may publish, join and leave at any time. A camera exists from its first accepted frame or its
/// first viewer, whichever comes first; without a frame it is listed nowhere and counts against no limit of cameras.
final class Camera: Sendable {
    let id: CameraID
    /// Everything this camera's frames have caused, on all loops.
    let traffic = Traffic()
    private let state: Mutex<State>

    private struct State {
        var latest: Frame?
        /// The second since 1970 in which that came.
        var latestSecond: Int64 = -1
        var hasTrailingBytes = false
        var sequence: Int64
        var meter = RateMeter()
        /// Viewers and waiting snapshots by loop: who is told of a new frame.
        var interest: [Int]
        var viewers = 0
        var announced = CameraState.offline
        /// Since when the camera sends, and what it had sent before.
        var session = Session()
        /// Whose frames these are.
        var lease = PublisherLease()
        /// When somebody last asked for a snapshot.
        var lastSnapshot: Instant?
        /// True once the registry has let go of this object; then nothing may be published here any more.
        var isForgotten = false
    }

    /// One time of sending, from the first frame until the camera is offline.
    struct Session: Sendable, Equatable {
        /// When it began; nil while the camera is offline.
        fileprivate(set) var began: Instant?
        /// Frames accepted in it.
        fileprivate(set) var frames = 0
        /// Bytes of their JPEGs.
        fileprivate(set) var bytes = 0
        /// From its first frame to its last.
        fileprivate(set) var duration = Duration.zero
    }

    /// What a new frame has set in motion.
    struct Publication: Sendable {
        let frame: Frame
        let viewers: Int
        /// True if anybody sees this camera's frames: viewers, and those who have just asked for a snapshot.
        let isWatched: Bool
        /// Indices of the loops that have somebody waiting for this camera's frames.
        let interestedLoops: [Int]
        /// True if the camera was not live before this frame.
        let cameAlive: Bool
        /// True if the frame's publisher has replaced another one.
        let isTakeover: Bool
        /// True if no earlier frame of the camera had something behind its JPEG.
        let isFirstWithTrailingBytes: Bool
    }

    /// A camera without a frame; its sequence starts above those of earlier runs.
    init(_ id: CameraID, loops: Int, nowMicroseconds: Int64) {
        self.id = id
        // A thousand numbers a second are kept free, so that a restart continues above the last number as long as a
        // camera sends fewer frames a second than that on average.
        state = Mutex(State(sequence: nowMicroseconds / 1000, interest: Array(repeating: 0, count: loops)))
    }

    /// Makes `checked` the latest frame. Nil if this camera has just been forgotten: then look it up again.
    /// - Throws: if the camera is another publisher's; then nothing has changed.
    func publish(
        _ checked: CheckedFrame, by publisher: PublisherIdentity, _ rules: PublisherLease.Rules,
        timestampMicroseconds: Int64, now: Instant
    ) throws(UploadRefusal) -> Publication? {
        try state.withLock { (state) throws(UploadRefusal) in
            guard !state.isForgotten else { return nil }
            let decision = state.lease.claim(publisher, now: now, rules)
            if let refusal = UploadRefusal(decision) { throw refusal }
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

    /// Why a frame of `publisher` would be refused now; nil if it would be taken.
    func refusal(
        of publisher: PublisherIdentity, _ rules: PublisherLease.Rules, now: Instant
    ) -> UploadRefusal? {
        UploadRefusal(state.withLock { $0.lease.decision(for: publisher, now: now, rules) })
    }

    /// A streaming upload has ended, and with it what was its.
    func ended(_ publisher: PublisherIdentity) { state.withLock { $0.lease.end(publisher) } }

    /// Takes over the latest frame of an earlier process, with its sequence; false if a frame has come since.
    func restore(_ frame: Frame, _ status: CameraStatus, now: Instant) -> Bool {
        state.withLock { state in
            guard !state.isForgotten, state.latest == nil else { return false }
            state.latest = frame
            state.latestSecond = frame.timestampMicroseconds / 1_000_000
            // Known to the log of the process before.
            state.announced = status.state(age: now - frame.arrived)
            // Not from the time of day: a gap would count as frames that viewers have missed.
            state.sequence = frame.sequence
            return true
        }
    }

    /// The newest frame, nil before the first.
    var latest: Frame? { state.withLock { $0.latest } }

    /// A page that shows a camera by snapshots asks again within this time.
    static let snapshotInterest = Duration.seconds(3)

    /// The newest frame for somebody who asks for one picture, which counts as watching for a moment.
    func snapshot(now: Instant) -> Frame? {
        state.withLock { state in
            state.lastSnapshot = now
            return state.latest
        }
    }

    /// Viewers on all loops.
    var viewers: Int { state.withLock { $0.viewers } }

    /// What somebody who joined gets.
    enum Joining: Sendable {
        /// From now on every frame newer than this one reaches the loop.
        case joined(latest: Frame?)
        /// The camera has as many viewers as allowed.
        case full
        /// Look the camera up again.
        case forgotten
    }

    /// Counts a viewer, or a waiting snapshot, on a loop.
    /// - Parameter maxViewers: nil for a waiting snapshot, which is no viewer.
    func join(loop: Int, maxViewers: Int?) -> Joining {
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
    func leave(loop: Int, isViewer: Bool) {
        state.withLock { state in
            assert(state.interest[loop] > 0, "nobody leaves who has not joined")
            state.interest[loop] -= 1
            if isViewer { state.viewers -= 1 }
        }
    }

    /// What the API tells; nil before the first frame.
    func summary(_ status: CameraStatus, now: Instant) -> CameraSummary? {
        state.withLock { state in
            guard let latest = state.latest else { return nil }
            let age = now - latest.arrived
            return CameraSummary(
                frame: latest, state: status.state(age: age), age: age,
                framesPerSecond: state.meter.framesPerSecond(at: now),
                bytesPerSecond: state.meter.bytesPerSecond(at: now), viewers: state.viewers)
        }
    }

    /// A state to report in the log.
    struct Announcement: Sendable, Equatable {
        let camera: CameraID
        let state: CameraState
        /// What was sent until now.
        let session: Session
    }

    /// The state to report in the log, if it differs from the one reported last.
    func announce(_ status: CameraStatus, now: Instant) -> Announcement? {
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

    /// True, and final, if nobody needs this camera any more.
    func forgetIfUnused(_ status: CameraStatus, now: Instant) -> Bool {
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

extension Camera.Session {
    fileprivate mutating func record(_ count: Int, _ now: Instant) {
        if let began { duration = now - began } else { began = now }
        frames += 1
        bytes += count
    }
}

/// A camera at one moment.
struct CameraSummary: Sendable {
    let frame: Frame
    let state: CameraState
    let age: Duration
    let framesPerSecond: Double
    let bytesPerSecond: Double
    let viewers: Int
}
