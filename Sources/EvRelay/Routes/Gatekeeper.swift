// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import WireFormat

/// Stands between a worker's HTTP server and its routes, and keeps the log of what was refused.
///
/// Confined to its worker's loop.
final class Gatekeeper: HTTPHandler {
    var routes: Routes?
    private let log: Logger
    private var refusals = RefusalLog()

    init(_ relay: Relay) {
        log = relay.log
    }

    func admit(_ head: RequestHead, from peer: PeerAddress) -> Admission {
        routes?.admit(head, from: peer) ?? .answerAndClose(HTTPResponse(503, body: .bytes([])))
    }

    func errorResponse(status: Int, reason: String, message: String) -> HTTPResponse {
        ErrorAnswer(status, reason, message).response(headers: [])
    }

    func gateRefused(_ refusal: GateRefusal, peer: PeerAddress?) {
        switch refusal {
        case .connectionsFull: logRefusal("connections-full", peer: peer)
        case .tooManyFromAddress: logRefusal("too-many-connections", peer: peer)
        case .outOfDescriptors: logRefusal("out-of-descriptors", peer: peer)
        case .badHead(_, let reason): logRefusal(reason, peer: peer)
        case .tooSlow: logRefusal("too-slow", peer: peer)
        }
    }

    /// Notes a refusal; most of a flood are only counted.
    func logRefusal(_ reason: String, peer: PeerAddress?) {
        guard let entry = refusals.refused(reason, now: SystemClock.monotonic()) else { return }
        write(entry, peer: peer)
    }

    /// Writes the counts of floods that have ended.
    func logOwedRefusals(now: Instant) {
        for entry in refusals.owed(now: now) { write(entry, peer: nil) }
    }

    private func write(_ entry: RefusalLog.Entry, peer: PeerAddress?) {
        var metadata: Logger.Metadata = ["reason": "\(entry.reason)"]
        if let peer { metadata["peer"] = "\(peer.text)" }
        if entry.leftOut > 0 { metadata["more"] = "\(entry.leftOut)" }
        log.notice("refused", metadata: metadata)
    }
}
