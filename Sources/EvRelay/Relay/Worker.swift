// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import WireFormat

/// One loop and all it owns: its HTTP server, its viewers, its uploads.
///
/// Confined to its loop: built, run and released on one thread. Other threads reach it through its inbox only.
final class Worker {
    let relay: Relay
    let index: Int
    let server: HTTPServer
    private let loop: EventLoop
    private let inbox: WorkerInbox
    private let gatekeeper: Gatekeeper
    private let onDrained: () -> Void
    private var wakeup: Wakeup?
    private var tick: LoopTimer?
    private var pacing: LoopTimer?
    private var pacingDue = Instant.distantFuture
    private var lists: [CameraID: ViewerList] = [:]
    private var uploads: [ObjectIdentifier: UploadStream] = [:]
    private var isDraining = false
    private var hasReportedDrained = false

    private static let tickInterval = Duration.milliseconds(250)

    /// A worker that accepts from `sockets`.
    /// - Parameter onDrained: called once, on this thread, when the worker was asked to drain and nothing is left.
    init(_ relay: Relay, index: Int, sockets: [ListenSocket], onDrained: @escaping () -> Void) throws(LibEventError) {
        self.relay = relay
        self.index = index
        self.onDrained = onDrained
        inbox = relay.inboxes[index]
        let limits = relay.configuration.limits
        let timeouts = relay.configuration.timeouts
        loop = try EventLoop()
        gatekeeper = Gatekeeper(relay)
        server = try HTTPServer(
            on: loop,
            limits: HTTPLimits(
                maxHeaderBytes: limits.maxHeaderBytes, maxHeaderFields: limits.maxHeaderFields,
                headerTimeout: timeouts.header, idleTimeout: timeouts.idle, stallTimeout: timeouts.stall),
            budget: relay.connections, handler: gatekeeper)
        gatekeeper.routes = Routes(self)
        for socket in sockets { try server.accept(from: socket) }
        let wakeup = try Wakeup(on: loop) { [unowned self] in readMail() }
        self.wakeup = wakeup
        let tick = try LoopTimer(on: loop, isRepeating: true) { [unowned self] in ticked() }
        tick.start(after: Self.tickInterval)
        self.tick = tick
        pacing = try LoopTimer(on: loop, isRepeating: false) { [unowned self] in offerPaced() }
        inbox.open(wakeup)
    }

    /// Serves until the inbox says stop, then ends every connection.
    func run() {
        loop.run()
        inbox.close()
        server.close()
        wakeup?.close()
    }

    // MARK: - What routes ask for

    /// Makes a viewer of a connection that was taken over. Its place was counted by `admitViewer`.
    func addViewer(
        _ connection: TakenConnection, of camera: Camera, latest: Frame?, form: StreamForm, policy: DeliveryPolicy,
        head: HTTPResponse
    ) {
        let list = list(of: camera)
        let viewer = Viewer(connection, in: list, form: form, policy: policy)
        viewer.begin(head)
        relay.log.info(
            "viewer joined", metadata: ["camera.id": "\(camera.id)", "viewer.peer": "\(connection.peer.text)"])
        list.add(viewer, latest: latest)
    }

    /// Parks a snapshot request until a newer frame comes.
    func addWait(
        _ connection: TakenConnection, of camera: Camera, latest: Frame?, after: Int64,
        answer: @escaping (Frame?) -> HTTPResponse
    ) {
        let list = list(of: camera)
        list.add(SnapshotWait(connection, in: list, after: after, answer: answer), latest: latest)
    }

    /// Follows a streaming upload from its head to its end.
    func addUpload(_ connection: TakenConnection, of camera: CameraID, boundary: String?) {
        do throws(LibEventError) {
            let upload = try UploadStream(connection, camera: camera, boundary: boundary, on: self)
            uploads[ObjectIdentifier(upload)] = upload
            upload.begin()
        } catch {
            relay.log.error("streaming upload failed", metadata: ["error": "\(error)"])
            connection.close()
        }
    }

    // MARK: - What viewers and uploads report

    /// A viewer or a waiting snapshot has gone from `list`.
    func left(_ list: ViewerList, isViewer: Bool) {
        if isViewer { relay.viewers.release() }
        if list.isEmpty { lists[list.camera.id] = nil }
        relay.registry.leave(list.camera, loop: index, isViewer: isViewer)
    }

    func ended(_ upload: UploadStream) { uploads[ObjectIdentifier(upload)] = nil }

    func refused(_ reason: String, peer: PeerAddress?) { gatekeeper.logRefusal(reason, peer: peer) }

    /// Offers the latest frames again at `due` to viewers that asked for a lower rate.
    func offerAgain(at due: Instant) {
        guard due < pacingDue else { return }
        pacingDue = due
        pacing?.start(after: max(.milliseconds(1), due - SystemClock.monotonic()))
    }

    // MARK: - What the loop brings

    private func readMail() {
        let mail = inbox.take()
        let now = SystemClock.monotonic()
        for (camera, frame) in mail.frames { lists[camera]?.deliver(frame, now: now) }
        if mail.isShedding { shed() }
        if mail.isDraining { beginDraining() }
        if mail.isStopping { loop.stop() }
    }

    private func ticked() {
        let now = SystemClock.monotonic()
        for list in Array(lists.values) {
            list.repeatLatest(after: relay.configuration.ages.repeatLatest, now: now)
        }
        gatekeeper.logOwedRefusals(now: now)
        reportIfDrained()
    }

    private func offerPaced() {
        pacingDue = .distantFuture
        let now = SystemClock.monotonic()
        for list in Array(lists.values) { list.offerLatest(now: now) }
    }

    /// Disconnects the viewers that pin the oldest frames until memory is back at its target.
    private func shed() {
        var pinned: [(frame: Frame, viewer: Viewer)] = []
        for list in lists.values {
            for viewer in list.viewers {
                if let frame = viewer.pinnedFrame(latest: list.latest) { pinned.append((frame, viewer)) }
            }
        }
        pinned.sort { $0.frame.arrived < $1.frame.arrived }
        // Counted here and not read from the ledger: libevent frees what a closed connection held in a later turn. Every
        // loop takes its share; if that is not enough, the next upload asks again.
        var excess = FrameMemory.bytesAboveTarget(relay.ledger) / relay.inboxes.count
        var counted: Frame?
        for entry in pinned {
            if counted !== entry.frame {
                guard excess > 0 else { return }
                counted = entry.frame
                excess -= entry.frame.bytes.count
            }
            entry.viewer.connection.close(.frameMemory)
        }
    }

    private func beginDraining() {
        guard !isDraining else { return }
        isDraining = true
        server.beginDraining()
        for list in Array(lists.values) {
            for wait in list.waiting { wait.finishEmpty() }
            for viewer in list.viewers { viewer.finish() }
        }
        for upload in Array(uploads.values) { upload.beginDraining() }
        reportIfDrained()
    }

    private func reportIfDrained() {
        guard isDraining, !hasReportedDrained, server.connectionCount == 0 else { return }
        hasReportedDrained = true
        onDrained()
    }

    private func list(of camera: Camera) -> ViewerList {
        if let list = lists[camera.id], list.camera === camera { return list }
        let list = ViewerList(camera, on: self, log: relay.log)
        lists[camera.id] = list
        return list
    }
}
