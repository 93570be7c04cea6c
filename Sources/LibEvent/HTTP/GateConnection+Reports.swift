// SPDX-License-Identifier: MIT
import System
import WireFormat

// Reports for the handler's log and counters, and the address that a connection counts for.
extension GateConnection {
    /// Records the answer to the request under way. It is reported when the answer is sent or the connection ends.
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

    /// The address that the connection counts for; nil for a proxy, which stands for many clients. Those are counted
    /// one by one when they start something that lasts.
    var addressKey: PeerAddress.Key? { gate.handler?.isProxy(peer) == true ? nil : peer.key }

    /// Counts the client behind a proxy, until the connection ends or its next request begins; false if its address has
    /// reached its limit of connections.
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
