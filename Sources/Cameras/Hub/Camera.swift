// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System
import WireFormat

/// A named source of frames: its latest frame, and the inboxes of the sinks that want the next one.
///
/// Sendable: any thread may publish, join and leave at any time. A camera exists from its first accepted frame or its
/// first viewer, whichever comes first. Without a frame it is not listed and does not count against the limit of cameras.
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
        /// The inboxes that get each new frame, and the sinks behind each.
        var subscribers: [Subscriber] = []
        var viewers = 0
        var announced = CameraState.offline
        /// The current period of sending; empty while the camera is offline.
        var session = Session()
        /// The lease of the camera's publisher.
        var lease = PublisherLease()
        /// The time of the last snapshot request.
        var lastSnapshot: Instant?
        /// True once the hub has removed this object. Nothing may be published here after that.
        var isForgotten = false
    }

    private struct Subscriber {
        let inbox: FrameInbox
        var sinks: Int
    }

    /// The result of publishing a frame.
    struct Publication: Sendable {
        let frame: Frame
        let viewers: Int
        /// True if the camera is watched: by a viewer, a waiting snapshot, or a snapshot request within
        /// `snapshotInterest`.
        let isWatched: Bool
        /// The inboxes that the frame goes to.
        let inboxes: [FrameInbox]
        /// True if the camera was not live before this frame.
        let cameAlive: Bool
        /// True if the frame's publisher has replaced another one.
        let isTakeover: Bool
        /// True if this is the camera's first frame with bytes after its JPEG.
        let isFirstWithTrailingBytes: Bool
    }

    /// Creates a camera without a frame. Its sequence starts above those of earlier runs.
    init(_ id: CameraID, nowMicroseconds: Int64) {
        self.id = id
        // A thousand numbers a second are kept free. A restart continues above the last number if the camera has sent
        // fewer frames a second than that on average.
        state = Mutex(State(sequence: nowMicroseconds / 1000))
    }

    /// Makes `checked` the latest frame. Returns nil if this camera has just been forgotten; look it up again then.
    /// - Throws: if the camera belongs to another publisher. Nothing has changed then.
    func publish(
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
            let isPolled = state.lastSnapshot.map { now - $0 < Self.snapshotInterest } ?? false
            return Publication(
                frame: frame, viewers: state.viewers, isWatched: !state.subscribers.isEmpty || isPolled,
                inboxes: state.subscribers.map(\.inbox), cameAlive: cameAlive, isTakeover: isTakeover,
                isFirstWithTrailingBytes: isFirstWithTrailingBytes)
        }
    }

    /// Returns the refusal that a frame of `publisher` would meet now; nil if it would be accepted.
    func refusal(
        of publisher: PublisherIdentity, _ rules: PublisherLease.Rules, now: Instant
    ) -> FrameRefusal? {
        FrameRefusal(state.withLock { $0.lease.decision(for: publisher, now: now, rules) })
    }

    /// Ends the lease of a streaming upload that has ended.
    func ended(_ publisher: PublisherIdentity) { state.withLock { $0.lease.end(publisher) } }

    /// Restores the latest frame of an earlier process, with its sequence. Returns false if a newer frame has arrived.
    func restore(_ frame: Frame, _ status: CameraAges, now: Instant) -> Bool {
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
    func snapshot(now: Instant) -> Frame? {
        state.withLock { state in
            state.lastSnapshot = now
            return state.latest
        }
    }

    /// Viewers on all loops.
    public var viewers: Int { state.withLock { $0.viewers } }

    /// The result of joining.
    enum Joining: Sendable {
        /// From now on every frame newer than `latest` reaches the inbox. `isFirst` is true if nobody was there before.
        case joined(latest: Frame?, isFirst: Bool)
        /// The camera has as many viewers as it may have.
        case full
        /// The camera has been forgotten; look it up again.
        case forgotten
    }

    /// Counts a sink behind `inbox`.
    /// - Parameter maxViewers: the most viewers of the camera; nil for a sink that is no viewer, such as a waiting
    ///   snapshot.
    func join(_ inbox: FrameInbox, maxViewers: Int?) -> Joining {
        state.withLock { state in
            guard !state.isForgotten else { return .forgotten }
            if let maxViewers {
                guard state.viewers < maxViewers else { return .full }
                state.viewers += 1
            }
            let isFirst = state.subscribers.isEmpty
            if let index = state.subscribers.firstIndex(where: { $0.inbox === inbox }) {
                state.subscribers[index].sinks += 1
            } else {
                state.subscribers.append(Subscriber(inbox: inbox, sinks: 1))
            }
            return .joined(latest: state.latest, isFirst: isFirst)
        }
    }

    /// Takes back what `join` counted. Returns true if nobody is left.
    @discardableResult
    func leave(_ inbox: FrameInbox, isViewer: Bool) -> Bool {
        state.withLock { state in
            guard let index = state.subscribers.firstIndex(where: { $0.inbox === inbox }) else {
                assertionFailure("nobody leaves who has not joined")
                return false
            }
            if isViewer { state.viewers -= 1 }
            state.subscribers[index].sinks -= 1
            if state.subscribers[index].sinks == 0 { state.subscribers.remove(at: index) }
            return state.subscribers.isEmpty
        }
    }

    /// Returns the summary for the API; nil before the first frame.
    func summary(_ status: CameraAges, now: Instant) -> CameraSummary? {
        state.withLock { state in
            guard let latest = state.latest else { return nil }
            let age = now - latest.arrived
            return CameraSummary(
                frame: latest, state: status.state(age: age), age: age,
                framesPerSecond: state.meter.framesPerSecond(at: now),
                bytesPerSecond: state.meter.bytesPerSecond(at: now), viewers: state.viewers)
        }
    }

    /// Returns the event of a state that differs from the one told last; nil if it does not.
    func announce(_ status: CameraAges, now: Instant) -> CameraEvent? {
        state.withLock { state in
            guard let latest = state.latest else { return nil }
            let current = status.state(age: now - latest.arrived)
            guard current != state.announced else { return nil }
            state.announced = current
            switch current {
            case .live: return .live(id, latest.info, bytes: latest.jpegBytes)
            case .stale: return .stale(id)
            case .offline:
                defer { state.session = Session() }
                return .offline(id, state.session)
            }
        }
    }

    /// Marks the camera as forgotten, permanently, if nobody needs it any more. Returns true in that case.
    func forgetIfUnused(_ status: CameraAges, now: Instant) -> Bool {
        state.withLock { state in
            let isWaitedFor = !state.subscribers.isEmpty
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
