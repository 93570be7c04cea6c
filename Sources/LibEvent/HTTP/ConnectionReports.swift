// SPDX-License-Identifier: MIT
import System
import WireFormat

/// The facts about one connection that its gate's handler is told, each of them once.
struct ConnectionReports {
    /// The answer to the request under way, until it is reported.
    private var answer: (status: Int, bodyBytes: Int)?
    private var phase: ConnectionPhase?

    /// Records the answer to a request whose head is `head`.
    mutating func note(_ response: HTTPResponse, to head: RequestHead?) {
        answer = (response.status, head?.method == .head ? 0 : response.body.count)
    }

    /// Returns the report of the recorded answer; nil if there is none, or if it was reported.
    mutating func takeAnswer(to head: RequestHead?, from peer: PeerAddress, since began: Instant) -> AnsweredRequest? {
        guard let (status, bodyBytes) = answer else { return nil }
        answer = nil
        return AnsweredRequest(
            head: head, peer: peer, status: status, bodyBytes: bodyBytes, duration: SystemClock.monotonic() - began)
    }

    /// Records the connection's phase. Returns the change; nil if there is none.
    mutating func move(to new: ConnectionPhase?) -> (from: ConnectionPhase?, to: ConnectionPhase?)? {
        guard new != phase else { return nil }
        defer { phase = new }
        return (phase, new)
    }
}

extension HTTPHandler {
    /// Reports a TLS handshake that is done.
    func report(handshakeOf tls: TLSLink) {
        shookHands(tls.isResumed ? .resumed : .full)
        encryptionBegan(by: tls.isSealing ? .evrelay : .openssl)
    }

    /// Reports a TLS handshake that has failed.
    func report(failedHandshakeOf peer: PeerAddress) {
        shookHands(.failed)
        connectionFailed(.handshakeFailed, peer: peer)
    }

    /// Reports a peer that speaks HTTP on a TLS port, and answers it in plain HTTP so that it understands.
    func answerPlain(_ socket: ConnectionSocket, of peer: PeerAddress, _ gate: Gate) {
        shookHands(.failed)
        gateRefused(.plainOnTLS, peer: peer)
        let response = response(to: .plainOnTLS)
        guard case .bytes(let body) = response.body else { return }
        let head = response.serializedHead(minorVersion: 1, connection: "close", date: gate.date)
        socket.sendLast(head + body, maxUnreadBytes: gate.limits.maxHeaderBytes)
    }
}
