// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import WireFormat

/// Every camera by name.
///
/// Sendable: any thread may look up, publish and join at any time. Lock order: registry, camera, inbox; nothing else is
/// called while the registry's lock is held.
final class CameraRegistry: Sendable {
    private struct Entries: Sendable {
        var all: [CameraID: Camera] = [:]
        /// Those that have a frame, or are just getting their first: what the limit counts.
        var publishing: Set<CameraID> = []
        var maxCameras: Int
        var status: CameraStatus
        var takeover: Takeover

        var rules: PublisherLease.Rules {
            PublisherLease.Rules(liveFor: status.staleAfter, takeover: takeover)
        }
    }

    private let cameras: Mutex<Entries>
    private let loops: Int

    init(loops: Int, maxCameras: Int, status: CameraStatus, takeover: Takeover) {
        self.loops = loops
        cameras = Mutex(Entries(maxCameras: maxCameras, status: status, takeover: takeover))
    }

    /// Changes what holds for all cameras; those beyond the limit stay.
    func apply(maxCameras: Int, status: CameraStatus, takeover: Takeover) {
        cameras.withLock {
            $0.maxCameras = maxCameras
            $0.status = status
            $0.takeover = takeover
        }
    }

    /// Cameras that may send at the same time.
    var maxCameras: Int { cameras.withLock { $0.maxCameras } }

    /// The ages that hold now.
    var status: CameraStatus { cameras.withLock { $0.status } }

    /// Makes `frame` the latest of `id`, creating the camera with its first one. Nil if that would be one camera
    /// too many.
    /// - Throws: if the camera is another publisher's; see `PublisherLease`.
    func publish(
        _ frame: CheckedFrame, to id: CameraID, by publisher: PublisherIdentity, timestampMicroseconds: Int64,
        now: Instant
    ) throws(UploadRefusal) -> Camera.Publication? {
        while true {
            guard let (camera, rules) = cameraForPublishing(id, timestampMicroseconds) else { return nil }
            let publication = try camera.publish(
                frame, by: publisher, rules, timestampMicroseconds: timestampMicroseconds, now: now)
            if let publication { return publication }
        }
    }

    /// Why a frame of `publisher` would be refused now because of another publisher; nil if it would not.
    func refusal(of publisher: PublisherIdentity, to id: CameraID, now: Instant) -> UploadRefusal? {
        let (camera, rules) = cameras.withLock { ($0.all[id], $0.rules) }
        return camera?.refusal(of: publisher, rules, now: now)
    }

    /// A streaming upload to `id` has ended.
    func ended(_ publisher: PublisherIdentity, to id: CameraID) { cameras.withLock { $0.all[id] }?.ended(publisher) }

    /// Counts a viewer or a waiting snapshot; see `Camera.join`.
    func join(_ id: CameraID, loop: Int, maxViewers: Int?) -> (camera: Camera, latest: Frame?)? {
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

    /// Takes back what `join` counted, and forgets a camera that never sent when nobody waits for it any longer.
    func leave(_ camera: Camera, loop: Int, isViewer: Bool) {
        camera.leave(loop: loop, isViewer: isViewer)
        if camera.latest == nil { removeIfUnused(camera, now: SystemClock.monotonic()) }
    }

    /// The latest frame of `id` for a snapshot; nil if there is none.
    func snapshot(of id: CameraID, now: Instant) -> Frame? { cameras.withLock { $0.all[id] }?.snapshot(now: now) }

    /// True if a camera of this name has sent anything.
    func hasFrame(of id: CameraID) -> Bool { cameras.withLock { $0.all[id] }?.latest != nil }

    /// One camera at this moment; nil before its first frame.
    func summary(of id: CameraID, now: Instant) -> CameraSummary? {
        cameras.withLock { $0.all[id] }?.summary(status, now: now)
    }

    /// Every camera that has sent a frame, by name.
    func summaries(now: Instant) -> [CameraSummary] {
        let (all, status) = cameras.withLock { (Array($0.all.values), $0.status) }
        return all.compactMap { $0.summary(status, now: now) }.sorted { $0.frame.camera < $1.frame.camera }
    }

    /// Every camera that has sent a frame, with what it has caused, by name.
    func traffic(now: Instant) -> [(summary: CameraSummary, traffic: Traffic)] {
        let (all, status) = cameras.withLock { (Array($0.all.values), $0.status) }
        return all.compactMap { camera in camera.summary(status, now: now).map { ($0, camera.traffic) } }
            .sorted { $0.summary.frame.camera < $1.summary.frame.camera }
    }

    /// Every camera's latest frame.
    var latestFrames: [Frame] { cameras.withLock { Array($0.all.values) }.compactMap(\.latest) }

    /// Takes over the latest frame of an earlier process; false if there are too many cameras, or a newer frame.
    func restore(_ frame: Frame) -> Bool {
        cameraForPublishing(frame.camera, frame.timestampMicroseconds)?.camera
            .restore(frame, status, now: SystemClock.monotonic()) ?? false
    }

    /// Once a second: cameras whose state has changed, and those that were forgotten.
    func sweep(now: Instant) -> (changed: [Camera.Announcement], forgotten: [CameraID]) {
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
