// SPDX-License-Identifier: MIT
import LibEvent

/// The viewers of one camera on one loop, and the snapshots that wait for its next frame.
///
/// Confined to its worker's loop. Its worker keeps it while it has somebody, and who is in it keeps it too. Keeps the latest frame that has reached the loop, so that a viewer who has drained
/// gets it without asking another thread.
final class ViewerList {
    let camera: Camera
    let log: VisitorLog
    private(set) var latest: Frame?
    private(set) var viewers: [Viewer] = []
    private(set) var waiting: [SnapshotWait] = []

    private let worker: Worker
    /// Counted here and added once per frame, not once per viewer.
    private var uncounted = (frames: 0, bytes: 0, skipped: 0)

    init(_ camera: Camera, on worker: Worker, log: VisitorLog) {
        self.camera = camera
        self.worker = worker
        self.log = log
    }

    /// How long a viewer may take nothing.
    var stallTimeout: Duration { worker.configuration.timeouts.stall }

    var isEmpty: Bool { viewers.isEmpty && waiting.isEmpty }

    /// Adds a viewer and gives it the latest frame at once. `known` may be newer than what has reached this loop so far;
    /// then everybody gets it, since the copy in the inbox will be taken for an old one.
    func add(_ viewer: Viewer, latest known: Frame?) {
        viewer.index = viewers.count
        viewers.append(viewer)
        let now = SystemClock.monotonic()
        if let known { deliver(known, now: now) }
        offerLatest(to: viewer)
    }

    /// Notes what a viewer was sent.
    func count(sentBytes: Int) {
        uncounted.frames += 1
        uncounted.bytes += sentBytes
    }

    /// Notes a frame that a viewer was sent for the first time, the frames it missed before, and how long that took.
    func count(skippedFrames: Int, latency: Duration?) {
        uncounted.skipped += skippedFrames
        if let latency { worker.metrics.deliveryLatency.observe(latency) }
    }

    /// Notes a viewer's end.
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

    /// Adds a snapshot that waits for a frame newer than the one its client has, which may have come in the meantime.
    func add(_ wait: SnapshotWait, latest known: Frame?) {
        waiting.append(wait)
        if let known, deliver(known, now: SystemClock.monotonic()) { return }
        if let latest { wait.offer(latest) }
    }

    /// Takes a viewer out; the last one in takes its place.
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

    /// Takes a waiting snapshot out.
    func remove(_ wait: SnapshotWait) {
        guard let index = waiting.firstIndex(where: { $0 === wait }) else {
            return assertionFailure("a wait ends once")
        }
        waiting.remove(at: index)
        worker.left(self, isViewer: false)
    }

    /// Gives a frame to everybody who can take it; false if it is not newer than the latest.
    @discardableResult
    func deliver(_ frame: Frame, now: Instant) -> Bool {
        guard frame.sequence > latest?.sequence ?? .min else { return false }
        latest = frame
        // Over copies: a viewer or a wait that ends takes itself out.
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

    /// Offers the latest frame to viewers whose rate did not allow it before.
    func offerLatest(now: Instant) {
        guard let latest else { return }
        for viewer in viewers where viewer.policy.minimumInterval != nil { offer(latest, to: viewer, now) }
        addCounts()
    }

    /// Sends the latest frame again to viewers that got nothing for `interval`.
    func repeatLatest(after interval: Duration, now: Instant) {
        guard let latest else { return }
        for viewer in viewers { viewer.repeatIfQuiet(latest, after: interval, now: now) }
        addCounts()
    }

    private func offer(_ frame: Frame, to viewer: Viewer, _ now: Instant) {
        if let due = viewer.offer(frame, now: now) { worker.offerAgain(at: due) }
    }
}
