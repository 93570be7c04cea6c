// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import WireFormat

/// Stands between a worker's HTTP server and its routes, and counts and logs what was answered and refused.
///
/// Confined to its worker's loop.
final class Gatekeeper: HTTPHandler {
    var routes: Routes?
    private let log: VisitorLog
    private let metrics: LoopMetrics
    private let inboxes: [WorkerInbox]

    init(_ relay: Relay, _ metrics: LoopMetrics) {
        log = relay.visitors
        inboxes = relay.inboxes
        self.metrics = metrics
    }

    func admit(_ head: RequestHead, from peer: PeerAddress, isEncrypted: Bool) -> Admission {
        routes?.admit(head, from: peer, isEncrypted: isEncrypted)
            ?? .answerAndClose(HTTPResponse(503, headers: SecurityHeaders.always, body: .bytes([])))
    }

    func errorResponse(status: Int, reason: String, message: String) -> HTTPResponse {
        ErrorAnswer(status, reason, message).response(headers: SecurityHeaders.always)
    }

    func gateRefused(_ refusal: GateRefusal, peer: PeerAddress?) {
        let reason =
            switch refusal {
            case .connectionsFull: "connections-full"
            case .tooManyFromAddress: "too-many-connections"
            case .outOfDescriptors: "out-of-descriptors"
            case .badHead(_, let reason): reason
            case .tooSlow: "too-slow"
            case .plainOnTLS: "http-on-tls-port"
            case .handshakeFailed: "tls-handshake-failed"
            }
        metrics.refusals.add(reason)
        logRefusal(reason, peer: peer)
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

    func answersFull() {
        for inbox in inboxes { inbox.askToShed() }
    }

    func isProxy(_ peer: PeerAddress) -> Bool { routes?.isTrustedProxy(peer) ?? false }

    /// Notes a refusal; most of a flood are only counted.
    func logRefusal(_ reason: String, peer: PeerAddress?) {
        log.note(.refused, reason: reason, peer.map { ["peer": "\($0.text)"] } ?? [:])
    }
}
