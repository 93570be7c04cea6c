// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Logging
import System
import WireFormat

/// One loop and all it owns: its HTTP server, its viewers, its uploads.
///
/// Confined to its loop: built, run and released on one thread. Other threads reach it by its inbox and mailbox only.
final class Worker {
    let relay: Relay
    let index: Int
    let server: HTTPServer
    let metrics: LoopMetrics
    /// The configuration in force; a reload replaces it.
    private(set) var configuration: Configuration
    /// The access rules in force; a reload replaces them.
    private(set) var access: AccessControl
    /// The time at which the first grant in use expires, in microseconds since 1970; `Int64.max` if none does.
    var nextAccessEnd = Int64.max
    /// The port on which this server has TLS; nil if there is none.
    let httpsPort: UInt16?
    let loop: EventLoop
    /// The frames that wait for this loop's viewers.
    let inbox: FrameInbox
    private let mailbox: WorkerMailbox
    private let handler: any WorkerHandler
    let report: (WorkerThread.Report) -> Void
    private var wakeup: Wakeup?
    private var tick: LoopTimer?
    private var pacing: LoopTimer?
    private var pacingDue = Instant.distantFuture
    private(set) var lists: [CameraID: CameraOnLoop] = [:]
    private(set) var tasks = TaskList()
    private var lastTick = Instant.distantFuture
    var ending = Ending.notBegun

    private static let tickInterval = Duration.milliseconds(250)

    /// The state that a worker begins with.
    struct Start: Sendable {
        /// The port that accepts connections with TLS; nil if there is none.
        let httpsPort: UInt16?
        /// The sockets to accept from until the worker drains.
        let sockets: [ListenSocket]
        /// Viewers of the earlier process.
        let viewers: [Handover.Viewer]
        let configuration: Configuration
        let access: AccessControl
        /// Makes the code that answers the worker's requests.
        let makeHandler: @Sendable (Relay, LoopMetrics) -> any WorkerHandler
    }

    /// Creates a worker that accepts from the sockets of `start`.
    /// - Parameter report: called on the worker's thread when the requests under way are finished, and when nothing is
    ///   left.
    init(
        _ relay: Relay, index: Int, _ start: Start, report: @escaping (WorkerThread.Report) -> Void
    ) throws(SystemError) {
        self.relay = relay
        self.index = index
        self.report = report
        inbox = relay.inboxes[index]
        mailbox = relay.mailboxes[index]
        metrics = relay.metrics.loops[index]
        configuration = start.configuration
        httpsPort = start.httpsPort
        access = start.access
        loop = try EventLoop()
        handler = start.makeHandler(relay, metrics)
        server = try HTTPServer(
            on: loop, limits: HTTPLimits(start.configuration), budget: relay.connections, answers: relay.answers,
            tls: start.configuration.tls.hasCertificate ? relay.tls : nil, handler: handler)
        handler.serve(self)
        for socket in start.sockets { try server.accept(from: socket) }
        let wakeup = try Wakeup(on: loop) { [weak self] in self?.readMail() }
        self.wakeup = wakeup
        let tick = try LoopTimer(on: loop, isRepeating: true) { [weak self] in self?.ticked() }
        tick.start(after: Self.tickInterval)
        self.tick = tick
        pacing = try LoopTimer(on: loop, isRepeating: false) { [weak self] in self?.offerPaced() }
        for viewer in start.viewers { handler.restore(viewer, on: self) }
        inbox.open { wakeup.signal() }
        mailbox.open { wakeup.signal() }
    }

    /// Serves until mail asks it to stop, then ends every connection.
    func run() {
        loop.run()
        inbox.close()
        mailbox.close()
        server.close()
        wakeup?.close()
        assert(lists.isEmpty && tasks.isEmpty, "whatever lasts has been told that its connection ended")
        // The handler and this worker keep each other.
        handler.end()
    }

    // MARK: - Tasks

    /// Keeps a task until it ends. To be called before the task begins.
    func add(_ task: any LastingTask) {
        loop.assertIsCurrent()
        tasks.add(task)
        if let held = task.held { nextAccessEnd = min(nextAccessEnd, access.end(of: held)) }
    }

    /// Forgets a task that has ended.
    func ended(_ task: any LastingTask) { tasks.remove(task) }

    /// Makes a task and keeps it, or closes its connection if that is not possible.
    /// - Returns: the task, to be begun; nil if it could not be made.
    func add<Task: LastingTask>(
        _ name: String, on connection: TakenConnection, _ make: () throws(SystemError) -> Task
    ) -> Task? {
        do throws(SystemError) {
            let task = try make()
            add(task)
            return task
        } catch {
            relay.log.error("\(name) failed", metadata: ["error": "\(error)"])
            connection.close()
            return nil
        }
    }

    /// Returns the sinks of `camera` on this loop.
    func list(of camera: Camera) -> CameraOnLoop {
        if let list = lists[camera.id], list.camera === camera { return list }
        let list = CameraOnLoop(
            camera, in: relay.hub, inbox, sentOnLoop: metrics.sent,
            offerAgain: { [weak self] in self?.offerAgain(at: $0) },
            becameEmpty: { [weak self] in self?.forget($0) })
        lists[camera.id] = list
        return list
    }

    private func forget(_ list: CameraOnLoop) {
        if lists[list.camera.id] === list { lists[list.camera.id] = nil }
    }

    // MARK: - Reports

    /// Notes that a connection has ended or changed its phase. While the worker ends, its progress is checked in the
    /// loop's next turn, when the gate has forgotten an ended connection.
    func connectionMoved() {
        if ending != .notBegun { wakeup?.signal() }
    }

    func refused(_ reason: RefusalReason, peer: PeerAddress?, isUpload: Bool) {
        (isUpload ? metrics.uploadRefusals : metrics.refusals).add(reason.rawValue)
        relay.visitors.noteRefusal(reason.rawValue, peer: peer)
    }

    /// Offers the latest frames again at `due` to viewers that asked for a lower rate.
    func offerAgain(at due: Instant) {
        guard due < pacingDue else { return }
        pacingDue = due
        pacing?.start(after: max(.milliseconds(1), due - SystemClock.monotonic()))
    }

    // MARK: - Events of the loop

    private func readMail() {
        // Before the frames: whatever came before a letter is then among them, so that the end of the streams finds no
        // frame behind it.
        let letters = mailbox.take()
        let now = SystemClock.monotonic()
        for frame in inbox.take().frames { lists[frame.camera]?.deliver(frame, now: now) }
        for letter in letters { act(on: letter) }
        reportProgress()
    }

    private func act(on letter: WorkerMail) {
        switch letter {
        case .shed: shed()
        case .makeRoom(let limit, let count): for _ in 0..<count { server.makeRoom(limit) }
        case .drain: beginDraining()
        case .endStreams(let end): endStreams(end)
        case .answer(let question): relay.pulses[index].add(question - relay.pulses[index].value)
        case .apply(let configuration, let access): apply(configuration, access)
        case .stop: loop.stop()
        }
    }

    private func ticked() {
        let now = SystemClock.monotonic()
        if lastTick < now { metrics.loopLag.observe(now - lastTick - Self.tickInterval) }
        lastTick = now
        endOutlivedAccess()
        for list in Array(lists.values) {
            list.repeatLatest(after: configuration.ages.repeatLatest, now: now)
        }
        reportProgress()
    }

    private func offerPaced() {
        pacingDue = .distantFuture
        let now = SystemClock.monotonic()
        for list in Array(lists.values) { list.offerLatest(now: now) }
    }

    private func apply(_ configuration: Configuration, _ access: AccessControl) {
        self.configuration = configuration
        self.access = access
        server.setLimits(HTTPLimits(configuration))
        handler.serve(self)
        endLostAccess()
    }
}
