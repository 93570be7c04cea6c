// SPDX-License-Identifier: MIT
import LibEvent
import System

/// All viewers and uploaders of a run, served by one thread and one poller.
///
/// One thread, and whole frames per read, since the load tool shares the machine with the server it measures.
final class Crowd {
    let store: FrameStore
    private(set) var viewers: [Viewer] = []
    private(set) var uploaders: [Uploader] = []
    /// The tallies of received data, by `Viewer.Kind.rawValue`.
    private(set) var tallies: [Tally]

    private let plan: LoadPlan
    private let poller: Poller
    private var events: [Poller.Event] = []
    private var buffer = [UInt8](repeating: 0, count: 262_144)
    private var slowViewers: [Viewer] = []
    private var nextSlowTurn = Instant.distantFuture

    /// The most viewers that wait for their response head at once; fewer than any listener's backlog.
    private static let connectingAtOnce = 100
    private static let slowTurn = Duration.milliseconds(20)
    private static let longestTurn = Duration.milliseconds(100)

    /// Creates an empty crowd.
    init(_ plan: LoadPlan) throws {
        self.plan = plan
        poller = try Poller()
        store = FrameStore(cameras: plan.cameras, frameBytes: plan.frameBytes, run: ProcessControl.randomNumber())
        tallies = Viewer.Kind.allCases.map { _ in Tally() }
    }

    /// Connects every uploader and every viewer, and waits for the viewers' response heads.
    ///
    /// - Throws: if one of them is refused, or the time is over.
    func connect(within limit: Duration) throws {
        let deadline = SystemClock.monotonic() + limit
        for camera in 0..<plan.cameras {
            let uploader = try Uploader(camera: camera, plan: plan, frameBytes: store.frameBytes)
            try poller.add(uploader.socket, token: -1 - camera, for: .writable)
            uploaders.append(uploader)
        }
        var streaming = 0
        for (index, kind) in plan.viewerKinds().enumerated() {
            let viewer = try Viewer(kind: kind, camera: index % plan.cameras, plan: plan)
            try poller.add(viewer.socket, token: index, for: .writable)
            viewers.append(viewer)
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

    /// Waits for sockets, at most until `deadline` or the next due action. Serves the sockets that are ready, and acts
    /// on what is due.
    func turn(until deadline: Instant) throws {
        let now = SystemClock.monotonic()
        // An uploader that still waits for its answer is woken by the answer.
        let nextUpload = uploaders.lazy.filter { $0.state == .ready }.map(\.nextDue).min() ?? .distantFuture
        let wake = min(deadline, nextUpload, nextSlowTurn, now + Self.longestTurn)
        try poller.wait(timeout: max(.zero, wake - now), into: &events)
        for event in events {
            if event.token >= 0 {
                try serve(viewers[event.token], event)
            } else {
                try serve(uploaders[-1 - event.token], event)
            }
        }
        try doWhatIsDue()
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

    private func serve(_ viewer: Viewer, _ event: Poller.Event) throws {
        switch viewer.state {
        case .connecting:
            viewer.sendRequest(plan)
            if !viewer.isEnded { try poller.modify(viewer.socket, token: event.token, for: .readable) }
        case .waitingForHead:
            read(viewer)
            // From here on a slow viewer is read at fixed times, and a stalled one never.
            if viewer.state == .streaming, viewer.kind != .healthy {
                try poller.modify(viewer.socket, token: event.token, for: [])
            }
        case .streaming:
            if viewer.kind == .healthy {
                read(viewer)
            } else if !event.readiness.isDisjoint(with: .gone) {
                noteEnd(of: viewer, "the server reset the stream")
            }
        case .ended: break
        }
    }

    private func serve(_ uploader: Uploader, _ event: Poller.Event) throws {
        let before = uploader.state
        if before == .connecting {
            uploader.finishConnecting()
        } else {
            if event.readiness.contains(.writable) { uploader.writeRest() }
            if !event.readiness.isDisjoint(with: [.readable, .gone]) { uploader.readAnswer(through: &buffer) }
        }
        try watch(uploader, since: before)
    }

    /// Updates the events that an uploader waits for: only an upload that the socket did not take whole waits for the
    /// socket to be writable.
    private func watch(_ uploader: Uploader, since before: Uploader.State) throws {
        guard uploader.state != before else { return }
        switch uploader.state {
        case .sending: try poller.modify(uploader.socket, token: -1 - uploader.camera, for: [.readable, .writable])
        case .ready, .waitingForAnswer:
            if before != .ready || uploader.state == .ready {
                try poller.modify(uploader.socket, token: -1 - uploader.camera, for: .readable)
            }
        case .connecting: break
        case .ended(let reason):
            throw LoadFailure("The upload of \(plan.cameraName(uploader.camera)) ended: \(reason).")
        }
    }

    private func doWhatIsDue() throws {
        let now = SystemClock.monotonic()
        for uploader in uploaders where uploader.isDue(at: now) {
            uploader.beginFrame(store)
            try watch(uploader, since: .ready)
        }
        guard nextSlowTurn <= now else { return }
        // Missed turns are made up for as a whole, so that the rate holds on a busy machine.
        while nextSlowTurn <= now {
            let share = Double(plan.slowBytesPerSecond) * Double(Self.slowTurn.wholeMilliseconds) / 1000
            for viewer in slowViewers where !viewer.isEnded { read(viewer, atMost: max(1, Int(share))) }
            nextSlowTurn = nextSlowTurn + Self.slowTurn
        }
    }

    private func read(_ viewer: Viewer, atMost limit: Int = .max) {
        viewer.read(atMost: limit, through: &buffer, against: store, into: &tallies[viewer.kind.rawValue])
        if viewer.isEnded { tallies[viewer.kind.rawValue].ended += 1 }
    }

    private func noteEnd(of viewer: Viewer, _ reason: String) {
        viewer.end(reason)
        tallies[viewer.kind.rawValue].ended += 1
    }
}
