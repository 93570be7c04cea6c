// SPDX-License-Identifier: MIT
public import LibEvent
import Synchronization
public import System

/// All cameras, by name: where sources publish and sinks join.
///
/// Sendable: any thread may look up, publish and join at any time. Lock order: hub, camera, inbox. Observers are called
/// under no lock, on the thread that has caused the event.
public final class CameraHub: Sendable {
    /// The settings of all cameras; a reload may change them.
    public struct Settings: Sendable, Equatable {
        /// The most cameras that may have a frame at the same time.
        public var maxCameras: Int
        /// The ages at which cameras change their state.
        public var ages: CameraAges
        /// The answer to a second publisher of a camera.
        public var takeover: Takeover

        /// Creates the settings.
        public init(maxCameras: Int, ages: CameraAges, takeover: Takeover) {
            self.maxCameras = maxCameras
            self.ages = ages
            self.takeover = takeover
        }

        var rules: PublisherLease.Rules { .init(liveFor: ages.staleAfter, takeover: takeover) }
    }

    /// A function that is told of each event.
    public typealias Observer = @Sendable (CameraEvent) -> Void

    private struct Entries: Sendable {
        var all: [CameraID: Camera] = [:]
        /// Cameras that have a frame or are just getting their first. The limit counts these.
        var publishing: Set<CameraID> = []
        var settings: Settings
    }

    /// The budget of all frames.
    public let ledger: ByteLedger
    /// Counters of the accepted frames of all cameras, those that are forgotten included.
    public let received = ReceivedTraffic()
    private let cameras: Mutex<Entries>
    private let observers: [Observer]
    let memoryIsShort: @Sendable () -> Void
    private let streams = Atomic<UInt64>(0)

    /// Creates a hub without cameras.
    /// - Parameters:
    ///   - ledger: the budget of all frames.
    ///   - memoryIsShort: called before room is made for a frame while the budget is short (`FrameMemory.isShort`):
    ///     sinks that hold old frames should let go of them, so that they cost no camera its frames.
    ///   - observers: told of each event.
    public init(
        _ settings: Settings, ledger: ByteLedger, observers: [Observer] = [],
        memoryIsShort: @escaping @Sendable () -> Void = {}
    ) {
        cameras = Mutex(Entries(settings: settings))
        self.ledger = ledger
        self.observers = observers
        self.memoryIsShort = memoryIsShort
    }

    /// The settings in force. Cameras above a lowered limit stay.
    public var settings: Settings {
        get { cameras.withLock { $0.settings } }
        set { cameras.withLock { $0.settings = newValue } }
    }

    /// Returns a number for a publisher that no other one of this process has; see `PublisherIdentity.stream`.
    public func makeStreamNumber() -> UInt64 { streams.wrappingAdd(1, ordering: .relaxed).newValue }

    func tell(_ event: CameraEvent) {
        for observer in observers { observer(event) }
    }

    // MARK: - Sinks

    /// A sink's place at a camera.
    public struct Joined: Sendable {
        /// The camera.
        public let camera: Camera
        /// The camera's latest frame; every newer one reaches the inbox.
        public let latest: Frame?
    }

    /// Lets the frames of `id` reach `inbox`, once more for each sink behind it. A camera that has not sent yet is
    /// waited for. `leave` must follow.
    /// - Parameter maxViewers: the most viewers of the camera; nil for a sink that is no viewer, such as a waiting
    ///   snapshot.
    /// - Returns: nil if the camera has as many viewers as it may have.
    public func join(_ id: CameraID, _ inbox: FrameInbox, maxViewers: Int?) -> Joined? {
        while true {
            let camera = cameras.withLock { cameras in
                if let camera = cameras.all[id] { return camera }
                let camera = Camera(id, nowMicroseconds: SystemClock.nowMicroseconds())
                cameras.all[id] = camera
                return camera
            }
            switch camera.join(inbox, maxViewers: maxViewers) {
            case .joined(let latest, let isFirst):
                if isFirst { tell(.watched(id)) }
                return Joined(camera: camera, latest: latest)
            case .full: return nil
            case .forgotten: continue
            }
        }
    }

    /// Takes back what `join` counted. Forgets a camera without a frame when nobody waits for it any longer.
    public func leave(_ camera: Camera, _ inbox: FrameInbox, isViewer: Bool) {
        if camera.leave(inbox, isViewer: isViewer) { tell(.unwatched(camera.id)) }
        if camera.latest == nil { removeIfUnused(camera, now: SystemClock.monotonic()) }
    }

    /// Returns the latest frame of `id` for a snapshot; nil if there is none. Asking counts as watching for a moment.
    public func snapshot(of id: CameraID, now: Instant) -> Frame? {
        lookUp(id).camera?.snapshot(now: now)
    }

    // MARK: - What there is

    /// Returns true if a camera of this name has sent a frame.
    public func hasFrame(of id: CameraID) -> Bool { lookUp(id).camera?.latest != nil }

    /// Returns the summary of one camera at this moment; nil before its first frame.
    public func summary(of id: CameraID, now: Instant) -> CameraSummary? {
        let (camera, settings) = lookUp(id)
        return camera?.summary(settings.ages, now: now)
    }

    /// Returns the summaries of all cameras that have sent a frame, sorted by name.
    public func summaries(now: Instant) -> [CameraSummary] { traffic(now: now).map(\.summary) }

    /// Returns the summaries and counters of all cameras that have sent a frame, sorted by name.
    public func traffic(now: Instant) -> [(summary: CameraSummary, traffic: Traffic)] {
        let (all, ages) = cameras.withLock { (Array($0.all.values), $0.settings.ages) }
        return all.compactMap { camera in camera.summary(ages, now: now).map { ($0, camera.traffic) } }
            .sorted { $0.summary.frame.camera < $1.summary.frame.camera }
    }

    /// The latest frame of each camera.
    public var latestFrames: [Frame] { cameras.withLock { Array($0.all.values) }.compactMap(\.latest) }

    /// Tells of the cameras whose state has changed by their age, and forgets those that nobody needs. To be called
    /// about once a second.
    public func sweep(now: Instant) {
        let (all, ages) = cameras.withLock { (Array($0.all.values), $0.settings.ages) }
        for camera in all {
            if let event = camera.announce(ages, now: now) { tell(event) }
            let hadFrames = camera.latest != nil
            if removeIfUnused(camera, now: now), hadFrames { tell(.forgotten(camera.id)) }
        }
    }

    @discardableResult
    private func removeIfUnused(_ camera: Camera, now: Instant) -> Bool {
        cameras.withLock { cameras in
            guard cameras.all[camera.id] === camera, camera.forgetIfUnused(cameras.settings.ages, now: now) else {
                return false
            }
            cameras.all[camera.id] = nil
            cameras.publishing.remove(camera.id)
            return true
        }
    }

    /// Returns the camera of this name, nil if there is none, and the settings.
    func lookUp(_ id: CameraID) -> (camera: Camera?, settings: Settings) {
        cameras.withLock { ($0.all[id], $0.settings) }
    }

    /// Returns the camera that a frame is to be published to, which is created if need be; nil if it would be one too
    /// many.
    func cameraForPublishing(
        _ id: CameraID, _ nowMicroseconds: Int64
    ) -> (camera: Camera, settings: Settings)? {
        cameras.withLock { cameras in
            let settings = cameras.settings
            guard cameras.publishing.contains(id) || cameras.publishing.count < settings.maxCameras else { return nil }
            cameras.publishing.insert(id)
            if let camera = cameras.all[id] { return (camera, settings) }
            let camera = Camera(id, nowMicroseconds: nowMicroseconds)
            cameras.all[id] = camera
            return (camera, settings)
        }
    }
}
