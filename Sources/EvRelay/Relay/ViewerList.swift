// SPDX-License-Identifier: MIT
import Cameras
import LibEvent

/// The viewers of one camera on one loop, and the snapshots that wait for its next frame.
///
/// Confined to its worker's loop. Its worker keeps it while it has members, and its members keep it too. It keeps the
/// latest frame that has reached the loop, so that a viewer whose bytes have drained gets it without asking another
/// thread.
final class ViewerList {
    let camera: Camera
    let log: VisitorLog
    private(set) var latest: Frame?
    private(set) var viewers: [Viewer] = []
    private(set) var waiting: [SnapshotWait] = []

    private let worker: Worker
    /// Counts that are added to the shared counters once per frame, not once per viewer.
    private var uncounted = (frames: 0, bytes: 0, skipped: 0)

    init(_ camera: Camera, on worker: Worker, log: VisitorLog) {
        self.camera = camera
        self.worker = worker
        self.log = log
    }

    /// The longest time for which a viewer may accept no byte.
    var stallTimeout: Duration { worker.configuration.timeouts.stall }

    var isEmpty: Bool { viewers.isEmpty && waiting.isEmpty }

    /// Adds a viewer and offers it the latest frame at once. `known` may be newer than the latest frame that has
    /// reached this loop. All viewers then get it, since its copy in the inbox will be read as an old one.
    func add(_ viewer: Viewer, latest known: Frame?) {
        viewer.index = viewers.count
        viewers.append(viewer)
        let now = SystemClock.monotonic()
        if let known { deliver(known, now: now) }
        offerLatest(to: viewer)
    }

    /// Counts a part of `sentBytes` bytes that a viewer was sent.
    func count(sentBytes: Int) {
        uncounted.frames += 1
        uncounted.bytes += sentBytes
    }

    /// Counts a frame that a viewer was sent for the first time: the frames skipped before it, and its latency.
    func count(skippedFrames: Int, latency: Duration?) {
        uncounted.skipped += skippedFrames
        if let latency { worker.metrics.deliveryLatency.observe(latency) }
    }

    /// Counts a viewer that has left.
    func count(leftBecause reason: String) { worker.metrics.viewersLeft.add(reason) }

    private func addCounts() {
        guard uncounted.frames > 0 else { return }
        for sent in [camera.traffic.sent, worker.metrics.sent] {
            sent.frames.add(uncounted.frames)
            sent.bytes.add(uncounted.bytes)
            sent.skipped.add(uncounted.skipped)
        }
        uncounted = (0, 0, 0)
    }

    /// Adds a snapshot that waits for a frame newer than its client's. `known` may be one that has arrived meanwhile.
    func add(_ wait: SnapshotWait, latest known: Frame?) {
        waiting.append(wait)
        if let known, deliver(known, now: SystemClock.monotonic()) { return }
        if let latest { wait.offer(latest) }
    }

    /// Removes a viewer. The last one in the list takes its position.
    func remove(_ viewer: Viewer) {
        guard viewers.indices.contains(viewer.index), viewers[viewer.index] === viewer else {
            return assertionFailure("a viewer ends once")
        }
        let last = viewers.removeLast()
        if last !== viewer {
            last.index = viewer.index
            viewers[viewer.index] = last
        }
        worker.left(self, isViewer: true)
    }

    /// Removes a waiting snapshot.
    func remove(_ wait: SnapshotWait) {
        guard let index = waiting.firstIndex(where: { $0 === wait }) else {
            return assertionFailure("a wait ends once")
        }
        waiting.remove(at: index)
        worker.left(self, isViewer: false)
    }

    /// Offers a frame to all viewers and waiting snapshots. Returns false if it is not newer than the latest.
    @discardableResult
    func deliver(_ frame: Frame, now: Instant) -> Bool {
        guard frame.sequence > latest?.sequence ?? .min else { return false }
        latest = frame
        // Over copies: a viewer or a wait that ends removes itself.
        for wait in waiting { wait.offer(frame) }
        for viewer in viewers { offer(frame, to: viewer, now) }
        addCounts()
        return true
    }

    /// Offers the latest frame to one viewer.
    func offerLatest(to viewer: Viewer) {
        guard let latest else { return }
        offer(latest, to: viewer, SystemClock.monotonic())
        addCounts()
    }

    /// Offers the latest frame to the viewers that asked for a lower rate.
    func offerLatest(now: Instant) {
        guard let latest else { return }
        for viewer in viewers where viewer.policy.minimumInterval != nil { offer(latest, to: viewer, now) }
        addCounts()
    }

    /// Sends the latest frame again to viewers that were sent nothing for `interval`.
    func repeatLatest(after interval: Duration, now: Instant) {
        guard let latest else { return }
        for viewer in viewers { viewer.repeatIfQuiet(latest, after: interval, now: now) }
        addCounts()
    }

    private func offer(_ frame: Frame, to viewer: Viewer, _ now: Instant) {
        if let due = viewer.offer(frame, now: now) { worker.offerAgain(at: due) }
    }
}
