// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Logging
import WireFormat

/// One connection receiving the frames of one camera.
///
/// Confined to its worker's loop. Its connection and its list keep it until the connection ends.
final class Viewer: TakenConnectionDelegate {
    let connection: TakenConnection
    let camera: CameraID
    let form: StreamForm
    /// Position in the list, maintained by the list.
    var index = 0
    private(set) var policy: DeliveryState
    private let grant: Grant
    private let place: Place

    private let list: ViewerList
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
        _ connection: TakenConnection, in list: ViewerList, form: StreamForm, policy: DeliveryState, grant: Grant,
        place: Place
    ) {
        connection.purpose = .stream
        self.connection = connection
        self.list = list
        camera = list.camera.id
        self.form = form
        self.policy = policy
        self.grant = grant
        self.place = place
    }

    /// The grant that the stream depends on.
    var held: HeldGrant { HeldGrant(grant: grant, right: .view, camera: camera) }

    /// Sends the head of the stream, with the first delimiter in the same write.
    func begin(_ head: HTTPResponse) {
        connection.delegate = self
        connection.startStream(head, opening: form.opening)
    }

    /// Continues a stream that another process has begun: first the rest of the part that was under way, if any.
    func resume(_ rest: SharedBytes?) {
        connection.delegate = self
        if let rest { connection.send(PartRanges(0..<rest.count), of: rest) }
    }

    /// Hands the stream over to the next process, or ends it if that is not possible.
    func handOver(to handover: Handover) {
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

    /// Offers a frame. Returns the time at which to offer the latest one again if the viewer's rate requires a pause.
    @discardableResult
    func offer(_ frame: Frame, now: Instant) -> Instant? {
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
            let latency = frame.arrived >= connected ? SystemClock.monotonic() - frame.arrived : nil
            list.count(skippedFrames: Int(policy.skippedFrames - skippedBefore), latency: latency)
            guard isLast else { break }
            isEnding = true
            connection.closeWhenDrained()
        case .tooEarly(let due): return due
        case .alreadySent, .busy: break
        }
        return nil
    }

    /// Sends the latest frame once more if nothing has been sent for `interval`. This keeps paths through proxies and
    /// NAT open, and shows the frame in a browser that paints late.
    func repeatIfQuiet(_ frame: Frame, after interval: Duration, now: Instant) {
        guard !isEnding, frame.sequence == policy.lastSequence else { return }
        if policy.offerRepetition(after: interval, isPending: connection.isPending, now: now) {
            send(frame, frame.layout.part(for: form))
        }
    }

    /// Ends the stream with its closing delimiter, after the part under way.
    func finish() {
        guard !isEnding else { return }
        isEnding = true
        connection.write(form.closing)
        connection.closeWhenDrained()
    }

    /// Ends the stream because its right has ended.
    func accessEnded() {
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
    private func limitHalfClosed() { connection.setDeadline(after: list.stallTimeout) }

    func connectionDeadlinePassed(_ connection: TakenConnection) {
        connection.close(.tooSlow)
    }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) {
        let log = list.log
        let reason = isAccessOver ? Self.accessEndedReason : reason.rawValue
        list.count(leftBecause: reason)
        list.remove(self)
        log.note(
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
