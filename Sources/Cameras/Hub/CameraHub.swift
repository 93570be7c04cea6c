// SPDX-License-Identifier: MIT
public import LibEvent
import Synchronization
import WireFormat

/// All cameras, by name.
///
/// Sendable: any thread may look up, publish and join at any time. Lock order: registry, camera, inbox. Nothing else is
/// called while the registry's lock is held.
public final class CameraHub: Sendable {
    private struct Entries: Sendable {
        var all: [CameraID: Camera] = [:]
        /// Cameras that have a frame or are just getting their first. The limit counts these.
        var publishing: Set<CameraID> = []
        var maxCameras: Int
        var status: CameraAges
        var takeover: Takeover

        var rules: PublisherLease.Rules {
            PublisherLease.Rules(liveFor: status.staleAfter, takeover: takeover)
        }
    }

    private let cameras: Mutex<Entries>
    private let loops: Int

    /// Creates a hub without cameras.
    public init(loops: Int, maxCameras: Int, status: CameraAges, takeover: Takeover) {
        self.loops = loops
        cameras = Mutex(Entries(maxCameras: maxCameras, status: status, takeover: takeover))
    }

    /// Changes the settings of all cameras. Cameras above a lowered limit stay.
    public func apply(maxCameras: Int, status: CameraAges, takeover: Takeover) {
        cameras.withLock {
            $0.maxCameras = maxCameras
            $0.status = status
            $0.takeover = takeover
        }
    }

    /// The most cameras that may have a frame at the same time (`--max-cameras`).
    public var maxCameras: Int { cameras.withLock { $0.maxCameras } }

    /// The ages in force at which cameras change their state.
    public var status: CameraAges { cameras.withLock { $0.status } }

    /// Makes `frame` the latest of `id`, and creates the camera with its first frame. Returns nil if that would exceed
    /// the limit of cameras.
    /// - Throws: if the camera belongs to another publisher; see `PublisherLease`.
    public func publish(
        _ frame: FinishedFrame, to id: CameraID, by publisher: PublisherIdentity, timestampMicroseconds: Int64,
        now: Instant
    ) throws(FrameRefusal) -> Camera.Publication? {
        while true {
            guard let (camera, rules) = cameraForPublishing(id, timestampMicroseconds) else { return nil }
            let publication = try camera.publish(
                frame, by: publisher, rules, timestampMicroseconds: timestampMicroseconds, now: now)
            if let publication { return publication }
        }
    }

    /// Returns the refusal that a frame of `publisher` would meet now because of another publisher; nil if there is
    /// none.
    public func refusal(of publisher: PublisherIdentity, to id: CameraID, now: Instant) -> FrameRefusal? {
        let (camera, rules) = cameras.withLock { ($0.all[id], $0.rules) }
        return camera?.refusal(of: publisher, rules, now: now)
    }

    /// Ends the lease of a streaming upload to `id` that has ended.
    public func ended(_ publisher: PublisherIdentity, to id: CameraID) {
        cameras.withLock { $0.all[id] }?.ended(publisher)
    }

    /// Counts a viewer or a waiting snapshot; see `Camera.join`. Returns nil if the camera has as many viewers as it
    /// may have.
    public func join(_ id: CameraID, loop: Int, maxViewers: Int?) -> (camera: Camera, latest: Frame?)? {
        while true {
            let camera = cameras.withLock { cameras in
                if let camera = cameras.all[id] { return camera }
                let camera = Camera(id, loops: loops, nowMicroseconds: SystemClock.nowMicroseconds())
                cameras.all[id] = camera
                return camera
            }
            switch camera.join(loop: loop, maxViewers: maxViewers) {
            case .joined(let latest): return (camera, latest)
            case .full: return nil
            case .forgotten: continue
            }
        }
    }

    /// Takes back what `join` counted. Forgets a camera without a frame when nobody waits for it any longer.
    public func leave(_ camera: Camera, loop: Int, isViewer: Bool) {
        camera.leave(loop: loop, isViewer: isViewer)
        if camera.latest == nil { removeIfUnused(camera, now: SystemClock.monotonic()) }
    }

    /// Returns the latest frame of `id` for a snapshot; nil if there is none.
    public func snapshot(of id: CameraID, now: Instant) -> Frame? {
        cameras.withLock { $0.all[id] }?.snapshot(now: now)
    }

    /// Returns true if a camera of this name has sent a frame.
    public func hasFrame(of id: CameraID) -> Bool { cameras.withLock { $0.all[id] }?.latest != nil }

    /// Returns the summary of one camera at this moment; nil before its first frame.
    public func summary(of id: CameraID, now: Instant) -> CameraSummary? {
        cameras.withLock { $0.all[id] }?.summary(status, now: now)
    }

    /// Returns the summaries of all cameras that have sent a frame, sorted by name.
    public func summaries(now: Instant) -> [CameraSummary] {
        let (all, status) = cameras.withLock { (Array($0.all.values), $0.status) }
        return all.compactMap { $0.summary(status, now: now) }.sorted { $0.frame.camera < $1.frame.camera }
    }

    /// Returns the summaries and counters of all cameras that have sent a frame, sorted by name.
    public func traffic(now: Instant) -> [(summary: CameraSummary, traffic: Traffic)] {
        let (all, status) = cameras.withLock { (Array($0.all.values), $0.status) }
        return all.compactMap { camera in camera.summary(status, now: now).map { ($0, camera.traffic) } }
            .sorted { $0.summary.frame.camera < $1.summary.frame.camera }
    }

    /// The latest frame of each camera.
    public var latestFrames: [Frame] { cameras.withLock { Array($0.all.values) }.compactMap(\.latest) }

    /// Restores the latest frame of an earlier process. Returns false if there are too many cameras, or a newer frame
    /// has arrived.
    public func restore(_ frame: Frame) -> Bool {
        cameraForPublishing(frame.camera, frame.timestampMicroseconds)?.camera
            .restore(frame, status, now: SystemClock.monotonic()) ?? false
    }

    /// Returns the cameras whose state has changed, and those that are now forgotten. Called once a second.
    public func sweep(now: Instant) -> (changed: [Camera.Announcement], forgotten: [CameraID]) {
        let (all, status) = cameras.withLock { (Array($0.all.values), $0.status) }
        var changed: [Camera.Announcement] = []
        var forgotten: [CameraID] = []
        for camera in all {
            if let announcement = camera.announce(status, now: now) { changed.append(announcement) }
            let hadFrames = camera.latest != nil
            if removeIfUnused(camera, now: now), hadFrames { forgotten.append(camera.id) }
        }
        return (changed, forgotten)
    }

    private func cameraForPublishing(
        _ id: CameraID, _ nowMicroseconds: Int64
    ) -> (camera: Camera, rules: PublisherLease.Rules)? {
        cameras.withLock { cameras in
            guard cameras.publishing.contains(id) || cameras.publishing.count < cameras.maxCameras else { return nil }
            cameras.publishing.insert(id)
            if let camera = cameras.all[id] { return (camera, cameras.rules) }
            let camera = Camera(id, loops: loops, nowMicroseconds: nowMicroseconds)
            cameras.all[id] = camera
            return (camera, cameras.rules)
        }
    }

    @discardableResult
    private func removeIfUnused(_ camera: Camera, now: Instant) -> Bool {
        cameras.withLock { cameras in
            guard cameras.all[camera.id] === camera, camera.forgetIfUnused(cameras.status, now: now) else {
                return false
            }
            cameras.all[camera.id] = nil
            cameras.publishing.remove(camera.id)
            return true
        }
    }
}
