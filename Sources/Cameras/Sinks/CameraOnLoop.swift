// SPDX-License-Identifier: MIT
import LibEvent
public import System

/// The sinks of one camera on one loop.
///
/// Confined to its loop. It keeps its sinks, and the latest frame that has reached the loop: a sink that was busy gets it
/// without asking another thread.
public final class CameraOnLoop {
    /// The camera.
    public let camera: Camera
    /// The latest frame that has reached the loop.
    public private(set) var latest: Frame?
    private var sinks: [any FrameSink] = []

    private let hub: CameraHub
    private let inbox: FrameInbox
    private let sentOnLoop: SentTraffic
    private let offerAgain: (Instant) -> Void
    private let becameEmpty: (CameraOnLoop) -> Void
    /// Counts that are added to the shared counters once per frame, not once per sink.
    private var uncounted = (frames: 0, bytes: 0, skipped: 0)

    /// Creates a list without sinks.
    /// - Parameters:
    ///   - inbox: the loop's, with which each sink has joined the camera.
    ///   - sentOnLoop: counters of the loop, added to beside the camera's.
    ///   - offerAgain: asked to call `offerLatest(now:)` at this time.
    ///   - becameEmpty: told when the last sink has left.
    public init(
        _ camera: Camera, in hub: CameraHub, _ inbox: FrameInbox, sentOnLoop: SentTraffic,
        offerAgain: @escaping (Instant) -> Void, becameEmpty: @escaping (CameraOnLoop) -> Void
    ) {
        self.camera = camera
        self.hub = hub
        self.inbox = inbox
        self.sentOnLoop = sentOnLoop
        self.offerAgain = offerAgain
        self.becameEmpty = becameEmpty
    }

    /// True if no sink is here.
    public var isEmpty: Bool { sinks.isEmpty }

    /// Adds a sink that has joined the camera (`CameraHub.join`), and offers it the latest frame at once. `known` may be
    /// newer than the latest frame that has reached this loop. All sinks then get it, since its copy in the inbox will be
    /// read as an old one.
    public func add(_ sink: any FrameSink, latest known: Frame?) {
        sink.index = sinks.count
        sinks.append(sink)
        if let known, deliver(known, now: SystemClock.monotonic()) { return }
        offerLatest(to: sink)
    }

    /// Removes a sink, which leaves the camera. The last sink takes its position.
    public func remove(_ sink: any FrameSink) {
        guard sinks.indices.contains(sink.index), sinks[sink.index] === sink else {
            return assertionFailure("a sink leaves once")
        }
        let last = sinks.removeLast()
        if last !== sink {
            last.index = sink.index
            sinks[sink.index] = last
        }
        if sinks.isEmpty { becameEmpty(self) }
        hub.leave(camera, inbox, isViewer: sink.isViewer)
    }

    /// Counts a part of `sentBytes` bytes that a sink has sent on.
    public func count(sentBytes: Int) {
        uncounted.frames += 1
        uncounted.bytes += sentBytes
    }

    /// Counts frames that a sink has skipped before the one it sends.
    public func count(skippedFrames: Int) { uncounted.skipped += skippedFrames }

    private func addCounts() {
        guard uncounted.frames > 0 else { return }
        for sent in [camera.traffic.sent, sentOnLoop] {
            sent.frames.add(uncounted.frames)
            sent.bytes.add(uncounted.bytes)
            sent.skipped.add(uncounted.skipped)
        }
        uncounted = (0, 0, 0)
    }

    /// Offers a frame to all sinks. Returns false if it is not newer than the latest.
    @discardableResult
    public func deliver(_ frame: Frame, now: Instant) -> Bool {
        guard frame.sequence > latest?.sequence ?? .min else { return false }
        latest = frame
        // Over a copy: a sink may leave.
        for sink in sinks { offer(frame, to: sink, now) }
        addCounts()
        return true
    }

    /// Offers the latest frame to one sink.
    public func offerLatest(to sink: any FrameSink) {
        guard let latest else { return }
        offer(latest, to: sink, SystemClock.monotonic())
        addCounts()
    }

    /// Offers the latest frame to the sinks that want fewer frames.
    public func offerLatest(now: Instant) {
        guard let latest else { return }
        for sink in sinks where sink.isPaced { offer(latest, to: sink, now) }
        addCounts()
    }

    /// Has the latest frame repeated by sinks that have sent nothing for `interval`.
    public func repeatLatest(after interval: Duration, now: Instant) {
        guard let latest else { return }
        for sink in sinks { sink.repeatIfQuiet(latest, after: interval, now: now) }
        addCounts()
    }

    private func offer(_ frame: Frame, to sink: any FrameSink, _ now: Instant) {
        if let due = sink.take(frame, now: now) { offerAgain(due) }
    }
}
