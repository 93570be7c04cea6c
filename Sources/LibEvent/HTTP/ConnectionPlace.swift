// SPDX-License-Identifier: MIT
import System

/// The places that one connection takes up: in the budget, among the idle connections, and for the client behind a
/// proxy.
///
/// Confined to one event loop; a part of its connection, which leaves it at its end.
struct ConnectionPlace {
    /// The address that the connection counts for; nil for a proxy, which stands for many clients. Those are counted
    /// one by one when they start something that lasts.
    let key: PeerAddress.Key?
    /// The end of the wait for room; nil if the connection has not waited.
    var roomDeadline: Instant?
    /// The places among the idle connections.
    fileprivate(set) var lines = IdleLines.Places()
    private var clientKey: PeerAddress.Key?
    private var isRefusal = false

    init(key: PeerAddress.Key?) { self.key = key }

    /// Handles a place in the budget.
    mutating func enter(_ gate: Gate) { gate.idle.enter(&lines, key: key) }

    /// Counts a refusal that is to be sent; false if too many are under way, so that refusing costs less than serving.
    mutating func beRefused(by gate: Gate) -> Bool {
        guard gate.rejectedCount < Gate.maxRejected else { return false }
        isRefusal = true
        gate.rejectedCount += 1
        return true
    }

    /// Counts the client behind a proxy, until the connection ends or its next request begins; false if its address has
    /// reached its limit of connections.
    mutating func count(client key: PeerAddress.Key, _ gate: Gate) -> Bool {
        guard gate.budget.admitAddress(key) else { return false }
        forgetClient(gate)
        clientKey = key
        return true
    }

    mutating func forgetClient(_ gate: Gate) {
        if let key = clientKey { gate.budget.closeAddress(key) }
        clientKey = nil
    }

    /// Gives everything back.
    /// - Parameter isCounted: true if the connection has a place in the budget.
    mutating func leave(_ gate: Gate, isCounted: Bool) {
        forgetClient(gate)
        if isCounted {
            gate.budget.close(key)
            gate.idle.leave(key: key)
        }
        if isRefusal { gate.rejectedCount -= 1 }
    }
}
