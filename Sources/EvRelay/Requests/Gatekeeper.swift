// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Logging
import System
import WireFormat

/// The handler between a worker's HTTP server and its routes. Counts and logs answers and refusals.
///
/// Confined to its worker's loop.
final class Gatekeeper: WorkerHandler {
    private let table: RouteTable
    private let restoreViewer: @Sendable (Handover.Viewer, Worker) -> Void
    private var routes: Routes?
    private let log: VisitorLog
    private let metrics: LoopMetrics
    private let mailboxes: [WorkerMailbox]
    /// The mailboxes and counters of the other loops.
    private let others: [(mailbox: WorkerMailbox, metrics: LoopMetrics)]

    /// - Parameter restoreViewer: continues the stream of an earlier process's viewer.
    init(
        _ relay: Relay, _ metrics: LoopMetrics, _ table: RouteTable,
        restoreViewer: @escaping @Sendable (Handover.Viewer, Worker) -> Void
    ) {
        self.table = table
        self.restoreViewer = restoreViewer
        log = relay.visitors
        mailboxes = relay.mailboxes
        others = zip(relay.mailboxes, relay.metrics.loops).filter { $0.1 !== metrics }.map { ($0, $1) }
        self.metrics = metrics
    }

    func serve(_ worker: Worker) { routes = Routes(table, on: worker) }

    func restore(_ saved: Handover.Viewer, on worker: Worker) { restoreViewer(saved, worker) }

    func end() { routes = nil }

    func admit(_ head: RequestHead, from peer: PeerAddress, isEncrypted: Bool) -> Admission {
        routes?.admit(head, from: peer, isEncrypted: isEncrypted)
            ?? .answerAndClose(HTTPResponse(503, headers: SecurityHeaders.always, body: .bytes([])))
    }

    func response(to refusal: GateRefusal) -> HTTPResponse {
        Refusal(refusal).response(headers: SecurityHeaders.always)
    }

    func gateRefused(_ refusal: GateRefusal, peer: PeerAddress) {
        note(Refusal(refusal).reason.rawValue, peer)
    }

    func connectionFailed(_ failure: ConnectionFailure, peer: PeerAddress?) {
        switch failure {
        case .outOfDescriptors: note(ConnectionLimit.descriptorsReason, peer)
        case .handshakeFailed: note("tls-handshake-failed", peer)
        }
    }

    private func note(_ reason: String, _ peer: PeerAddress?) {
        metrics.refusals.add(reason)
        log.noteRefusal(reason, peer: peer)
    }

    func answered(_ request: AnsweredRequest) {
        metrics.responses.add("\(request.status)")
        let client = request.head.flatMap { routes?.forwardedClient(of: $0, peer: request.peer) }
        AccessLog.note(request, client: client?.host, to: log, now: SystemClock.monotonic())
    }

    func connectionMoved(from old: ConnectionPhase?, to new: ConnectionPhase?) {
        metrics.connectionMoved(from: old, to: new)
        routes?.connectionMoved()
    }

    func shookHands(_ result: TLSHandshake) { metrics.handshakes.add(result.rawValue) }

    func encryptionBegan(by who: TLSEncryption) { metrics.encryptions.add(who.rawValue) }

    func answersFull() {
        for mailbox in mailboxes { mailbox.put(.shed) }
    }

    func madeRoom(_ limit: ConnectionLimit) {
        let reason = limit.reason
        metrics.letGo.add(reason)
        log.note(.idleLetGo, reason: reason, [:])
    }

    func roomWanted(_ limit: ConnectionLimit) -> Bool {
        let idle = others.map { other in (other.mailbox, other.metrics.idleConnections) }.filter { $0.1 > 0 }
        let mail = WorkerMail.makeRoom(limit, count: 1)
        switch limit {
        case .address:
            // Only that loop knows whether it has an idle connection of the address.
            for (mailbox, _) in idle { mailbox.put(mail) }
        case .total, .descriptors: idle.max { $0.1 < $1.1 }?.0.put(mail)
        }
        return !idle.isEmpty
    }

    func isProxy(_ peer: PeerAddress) -> Bool { routes?.isTrustedProxy(peer) ?? false }
}

extension ConnectionLimit {
    fileprivate static let totalReason = RefusalReason.connectionsFull.rawValue
    fileprivate static let addressReason = RefusalReason.tooManyConnections.rawValue
    fileprivate static let descriptorsReason = "out-of-descriptors"

    /// The reasons under which refusals and closed idle connections are counted, one for each limit.
    static let reasons = [totalReason, addressReason, descriptorsReason]

    /// The reason under which refusals and closed idle connections at this limit are counted.
    fileprivate var reason: String {
        switch self {
        case .total: Self.totalReason
        case .address: Self.addressReason
        case .descriptors: Self.descriptorsReason
        }
    }
}
