// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Logging
import System
import WireFormat

/// One connection receiving the frames of one camera.
///
/// Confined to its worker's loop. Its connection, its worker and its list keep it until the connection ends.
final class Viewer: TakenConnectionDelegate, FrameSink, LastingTask {
    var index = 0
    private let connection: TakenConnection
    private let form: StreamForm
    private var policy: DeliveryState
    private let grant: Grant
    private let place: Place

    private let list: CameraOnLoop
    private let worker: Worker
    private let connected = SystemClock.monotonic()
    private var sentBytes = 0
    private var receivedBytes = 0
    private var isEnding = false
    /// True once the client has ended its sending side.
    private var isHalfClosed = false
    /// True if the stream ends because its right has ended.
    private var isAccessOver = false

    /// Bytes that a viewer may send after its request. They are dropped; more of them end the connection.
    /// docs/protocol.md names the number.
    private static let maxReceivedBytes = 4096
    private static let accessEndedReason = "access-ended"

    init(
        _ connection: TakenConnection, in list: CameraOnLoop, form: StreamForm, policy: DeliveryState, grant: Grant,
        place: Place, on worker: Worker
    ) {
        connection.purpose = .stream
        self.connection = connection
        self.list = list
        self.worker = worker
        self.form = form
        self.policy = policy
        self.grant = grant
        self.place = place
    }

    private var camera: CameraID { list.camera.id }

    /// The grant that the stream depends on.
    var held: HeldGrant? { HeldGrant(grant: grant, right: .view, camera: camera) }

    /// Sends the head of the stream, with the first delimiter in the same write, and then the latest frame.
    func begin(_ head: HTTPResponse, latest: Frame?) {
        connection.delegate = self
        connection.startStream(head, opening: form.opening)
        worker.metrics.responses.add("\(head.status)")
        worker.relay.visitors.note(.viewerJoined, connection.whom("viewer").merging(["camera.id": "\(camera)"]) { $1 })
        list.add(self, latest: latest)
    }

    /// Continues a stream that another process has begun: first the rest of the part that was under way, if any.
    func resume(_ rest: SharedBytes?, latest: Frame?) {
        connection.delegate = self
        if let rest { connection.send(PartRanges(0..<rest.count), of: rest) }
        worker.metrics.count(Streams.viewersRestored)
        list.add(self, latest: latest)
    }

    /// Frames may still arrive.
    func beginDraining() {}

    func endStream(_ end: WorkerMail.StreamsEnd) {
        switch end {
        case .finish: finish()
        case .handOver: handOver(to: worker.relay.handover)
        }
    }

    /// Hands the stream over to the next process, or ends it if that is not possible.
    private func handOver(to handover: Handover) {
        guard !isEnding else { return }
        guard let maxPendingBytes = handover.takePlace() else { return finish() }
        guard let socket = connection.detach(maxPendingBytes: maxPendingBytes), let inode = socket.descriptor.inode
        else {
            handover.giveUpPlace()
            return finish()
        }
        handover.add(
            Handover.Viewer(
                socket: socket.descriptor,
                state: SavedState.SavedViewer(
                    inode: inode, camera: camera, form: form, policy: policy.resumption,
                    pendingBytes: socket.pendingBytes, client: connection.client?.host ?? "", basis: grant.basis,
                    unseen: grant.unseen?.basis(for: .view, camera))))
    }

    var isViewer: Bool { true }

    var isPaced: Bool { policy.minimumInterval != nil }

    func take(_ frame: Frame, now: Instant) -> Instant? {
        guard !isEnding else { return nil }
        // The first frame may follow a head that is still pending.
        let isPending = policy.lastSequence != nil && connection.isPending
        let skippedBefore = policy.skippedFrames
        let decision = policy.offer(sequence: frame.sequence, isPending: isPending, now: now)
        switch decision {
        case .send, .sendLast:
            let isLast = decision == .sendLast
            send(frame, isLast ? frame.layout.lastPart(for: form) : frame.layout.part(for: form))
            // A frame that arrived before its viewer says nothing about latency.
            if frame.arrived >= connected {
                worker.metrics.deliveryLatency.observe(SystemClock.monotonic() - frame.arrived)
            }
            list.count(skippedFrames: Int(policy.skippedFrames - skippedBefore))
            guard isLast else { break }
            isEnding = true
            connection.closeWhenDrained()
        case .tooEarly(let due): return due
        case .alreadySent, .busy: break
        }
        return nil
    }

    /// A repetition keeps paths through proxies and NAT open, and shows the frame in a browser that paints late.
    func repeatIfQuiet(_ frame: Frame, after interval: Duration, now: Instant) {
        guard !isEnding, frame.sequence == policy.lastSequence else { return }
        if policy.offerRepetition(after: interval, isPending: connection.isPending, now: now) {
            send(frame, frame.layout.part(for: form))
        }
    }

    /// Ends the stream with its closing delimiter, after the part under way.
    private func finish() {
        guard !isEnding else { return }
        isEnding = true
        connection.write(form.closing)
        connection.closeWhenDrained()
    }

    func accessEnded(_ refusal: Refusal) {
        guard !isEnding else { return }
        isAccessOver = true
        finish()
    }

    private func send(_ frame: Frame, _ parts: PartRanges) {
        connection.send(parts, of: frame.bytes)
        sentBytes += parts.byteCount
        list.count(sentBytes: parts.byteCount)
        if isHalfClosed, !isEnding { limitHalfClosed() }
    }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        receivedBytes += input.count
        input.drop(input.count)
        if receivedBytes > Self.maxReceivedBytes { connection.close(.abuse) }
    }

    func connectionDrained(_ connection: TakenConnection) {
        list.offerLatest(to: self)
    }

    /// Continues a stream with `?frames=`, which ends by itself. Ends a stream without end, since a viewer that only
    /// reads cannot be told from one that has gone.
    func connectionReachedEnd(_ connection: TakenConnection) {
        guard policy.framesLeft != nil else { return connection.close(.byPeer) }
        isHalfClosed = true
        limitHalfClosed()
    }

    /// Waits for a half-closed viewer no longer than the stall limit: the next frame reveals one that has gone.
    private func limitHalfClosed() { connection.setDeadline(after: worker.configuration.timeouts.stall) }

    func connectionDeadlinePassed(_ connection: TakenConnection) {
        connection.close(.tooSlow)
    }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) {
        let reason = isAccessOver ? Self.accessEndedReason : reason.rawValue
        worker.metrics.count(Streams.viewersLeft, reason)
        list.remove(self)
        worker.ended(self)
        worker.relay.visitors.note(
            .viewerLeft,
            connection.whom("viewer").merging([
                "camera.id": "\(camera)", "reason": "\(reason)",
                "duration.ms": .stringConvertible((SystemClock.monotonic() - connected).wholeMilliseconds),
                "frames.sent": .stringConvertible(policy.sentFrames),
                "frames.skipped": .stringConvertible(policy.skippedFrames),
                "bytes": .stringConvertible(sentBytes),
            ]) { $1 })
    }
}
