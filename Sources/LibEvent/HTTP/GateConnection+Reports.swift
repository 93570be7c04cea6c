// SPDX-License-Identifier: MIT
import WireFormat

// What the handler is told for its log and counters, and whom a connection counts for.
extension GateConnection {
    /// Notes what the request under way is answered; reported when the answer is out or the connection ends.
    func note(_ response: HTTPResponse) {
        tls?.offerTicket()
        answer = (response.status, head?.method == .head ? 0 : response.body.count)
    }

    func reportAnswer() {
        guard let (status, bodyBytes) = answer else { return }
        answer = nil
        gate.handler?.answered(
            AnsweredRequest(
                head: head, peer: peer, status: status, bodyBytes: bodyBytes,
                duration: SystemClock.monotonic() - requestBegan))
    }

    func reportPhase() {
        let phase = phase
        guard phase != reportedPhase else { return }
        gate.handler?.connectionMoved(from: reportedPhase, to: phase)
        reportedPhase = phase
    }

    private var phase: ConnectionPhase? {
        switch state {
        case .awaitingHead where !isCounted: .entering
        case .awaitingHead: hasBegunHead || !isKept ? .head : .idle
        case .refusing: .refused
        case .answering: answeredPurpose
        case .taken(let connection): connection.purpose
        case .lingering(let linger): linger.isRefused ? .refused : .ending
        case .closed: nil
        }
    }

    /// What the connection counts for by its address. A proxy stands for many clients, which are counted one by one when
    /// they take something that lasts.
    var addressKey: PeerAddress.Key? { gate.handler?.isProxy(peer) == true ? nil : peer.key }

    /// Counts the client behind a proxy, until the connection ends or its next request begins; false if it has as many
    /// connections as one address may have.
    func count(client key: PeerAddress.Key) -> Bool {
        guard gate.budget.admitAddress(key) else { return false }
        forgetClient()
        clientKey = key
        return true
    }

    func forgetClient() {
        if let key = clientKey { gate.budget.closeAddress(key) }
        clientKey = nil
    }
}
