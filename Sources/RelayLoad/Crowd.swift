// SPDX-License-Identifier: MIT
import LibEvent
import System

/// All viewers and uploaders of a run, served by one thread and one loop.
///
/// One thread, and whole frames per read, since the load tool shares the machine with the server it measures.
final class Crowd {
    let store: FrameStore
    private(set) var viewers: [Viewer] = []
    private(set) var uploaders: [Uploader] = []
    /// The tallies of received data, by `Viewer.Kind.rawValue`.
    let tallies: [Tally]

    private let plan: LoadPlan
    private let context: OutgoingContext
    /// Ends a turn in which nothing comes.
    private let alarm: LoopTimer
    private var slowViewers: [Viewer] = []
    private var nextSlowTurn = Instant.distantFuture

    /// The most bytes of one read: several frames.
    private static let readBytes = 262_144
    /// The most viewers that wait for their response head at once; fewer than any listener's backlog.
    private static let connectingAtOnce = 100
    private static let slowTurn = Duration.milliseconds(20)
    private static let longestTurn = Duration.milliseconds(100)

    /// Creates an empty crowd.
    init(_ plan: LoadPlan) throws {
        self.plan = plan
        let loop = try EventLoop(isPrecise: true)
        context = try OutgoingContext(on: loop, readBytes: Self.readBytes)
        alarm = try LoopTimer(on: loop, isRepeating: false) {}
        store = FrameStore(cameras: plan.cameras, frameBytes: plan.frameBytes, run: ProcessControl.randomNumber())
        tallies = Viewer.Kind.allCases.map { _ in Tally() }
    }

    /// Connects every uploader and every viewer, and waits for the viewers' response heads.
    ///
    /// - Throws: if one of them is refused, or the time is over.
    func connect(within limit: Duration) throws {
        let deadline = SystemClock.monotonic() + limit
        for camera in 0..<plan.cameras {
            uploaders.append(Uploader(camera: camera, plan: plan, frameBytes: store.frameBytes, in: context))
        }
        var streaming = 0
        for (index, kind) in plan.viewerKinds().enumerated() {
            viewers.append(
                Viewer(
                    kind: kind, camera: index % plan.cameras, plan: plan, in: context, store: store,
                    tally: tallies[kind.rawValue]))
            while viewers.count - streaming >= Self.connectingAtOnce {
                try turn(until: deadline)
                streaming = try countStreaming(before: deadline)
            }
        }
        while try countStreaming(before: deadline) < viewers.count || !uploaders.allSatisfy({ $0.state == .ready }) {
            try turn(until: deadline)
        }
        slowViewers = viewers.filter { $0.kind == .slow }
        if !slowViewers.isEmpty { nextSlowTurn = SystemClock.monotonic() }
    }

    /// Starts the cameras' frames, spread over one interval.
    func startUploads() {
        let now = SystemClock.monotonic()
        for uploader in uploaders {
            let share = Double(uploader.camera) / Double(plan.cameras) / plan.framesPerSecond
            uploader.schedule(from: now + .seconds(share))
        }
    }

    /// Stops the cameras' frames: no further one begins.
    func stopUploads() {
        for uploader in uploaders { uploader.stop() }
    }

    /// True when every upload is answered and every healthy viewer has its camera's latest frame.
    var isSettled: Bool {
        uploaders.allSatisfy { $0.state == .ready }
            && viewers.allSatisfy {
                $0.kind != .healthy || $0.isEnded || $0.lastSequence == store.latestSequence(camera: $0.camera)
            }
    }

    /// Waits for sockets, at most until `deadline` or the next due action. Serves those that are ready, and acts on what
    /// is due.
    ///
    /// - Throws: if an upload has ended.
    func turn(until deadline: Instant) throws {
        let now = SystemClock.monotonic()
        // An uploader that still waits for its answer is woken by the answer.
        let nextUpload = uploaders.lazy.filter { $0.state == .ready }.map(\.nextDue).min() ?? .distantFuture
        let wake = min(deadline, nextUpload, nextSlowTurn, now + Self.longestTurn)
        alarm.start(after: max(.zero, wake - now))
        context.loop.runTurn()
        for uploader in uploaders {
            guard case .ended(let reason) = uploader.state else { continue }
            throw LoadFailure("The upload of \(plan.cameraName(uploader.camera)) ended: \(reason).")
        }
        doWhatIsDue()
    }

    private func countStreaming(before deadline: Instant) throws -> Int {
        var streaming = 0
        for viewer in viewers {
            if case .ended(let reason) = viewer.state { throw LoadFailure("A viewer could not begin: \(reason).") }
            if viewer.state == .streaming { streaming += 1 }
        }
        for uploader in uploaders {
            if case .ended(let reason) = uploader.state { throw LoadFailure("An uploader could not begin: \(reason).") }
        }
        guard SystemClock.monotonic() < deadline else {
            throw LoadFailure("Only \(streaming) of \(plan.viewers) viewers had their response head in time.")
        }
        return streaming
    }

    private func doWhatIsDue() {
        let now = SystemClock.monotonic()
        for uploader in uploaders where uploader.isDue(at: now) { uploader.beginFrame(store) }
        guard nextSlowTurn <= now else { return }
        // Missed turns are made up for as a whole, so that the rate holds on a busy machine.
        var turns = 0
        while nextSlowTurn <= now {
            turns += 1
            nextSlowTurn = nextSlowTurn + Self.slowTurn
        }
        let share = Double(plan.slowBytesPerSecond) * Double(Self.slowTurn.wholeMilliseconds) / 1000
        for viewer in slowViewers where !viewer.isEnded { viewer.read(atMost: turns * max(1, Int(share))) }
    }
}
