// SPDX-License-Identifier: MIT
import Synchronization

/// Counts the connections of all loops against their limits, whatever the connections do.
///
/// Sendable: every loop opens and closes connections at any time.
public final class ConnectionBudget: Sendable {
    /// The result of asking for one more connection.
    public enum Verdict: Sendable {
        /// The connection is counted; `close` must follow.
        case admitted
        /// The server is full. Nothing was counted for the address.
        case full
        /// The address has reached its limit. Nothing was counted for it.
        case tooManyFromAddress
    }

    private let limit: Atomic<Int>
    private let limitPerAddress: Atomic<Int>
    private let open = Atomic<Int>(0)
    private let waiting = Atomic<Int>(0)
    private let perAddress = Mutex<[PeerAddress.Key: Int]>([:])

    /// Creates a budget with no connection open.
    public init(maxConnections: Int, maxPerAddress: Int) {
        limit = Atomic(maxConnections)
        limitPerAddress = Atomic(maxPerAddress)
    }

    /// Changes the limits. Connections beyond them stay until they end by themselves.
    public func setLimits(maxConnections: Int, maxPerAddress: Int) {
        limit.store(maxConnections, ordering: .relaxed)
        limitPerAddress.store(maxPerAddress, ordering: .relaxed)
    }

    /// The most connections at a time.
    public var maxConnections: Int { limit.load(ordering: .relaxed) }

    /// The most connections from one address (IPv6: from one /64) at a time.
    public var maxPerAddress: Int { limitPerAddress.load(ordering: .relaxed) }

    /// Connections admitted and not closed.
    public var openConnections: Int { open.load(ordering: .relaxed) }

    /// True if the next `admit` would find the server full.
    var isFull: Bool { openConnections >= maxConnections }

    /// Counts a connection that waits for room, on any loop; `stopWaiting` must follow.
    func startWaiting() { waiting.wrappingAdd(1, ordering: .relaxed) }

    /// Reverts one `startWaiting`.
    func stopWaiting() { waiting.wrappingSubtract(1, ordering: .relaxed) }

    /// Counts a connection, or returns the limit that it would exceed. With `isBehindWaiting`, one place for every
    /// waiting connection is left free.
    func admit(_ key: PeerAddress.Key?, isBehindWaiting: Bool = false) -> Verdict {
        let kept = isBehindWaiting ? waiting.load(ordering: .relaxed) : 0
        if open.wrappingAdd(1, ordering: .relaxed).newValue > maxConnections - kept {
            open.wrappingSubtract(1, ordering: .relaxed)
            return .full
        }
        guard let key else { return .admitted }
        if admitAddress(key) { return .admitted }
        open.wrappingSubtract(1, ordering: .relaxed)
        return .tooManyFromAddress
    }

    /// Counts a connection against the limit of its address alone, as for a client behind a proxy; false if the address
    /// has reached that limit.
    func admitAddress(_ key: PeerAddress.Key) -> Bool {
        let limit = maxPerAddress
        return perAddress.withLock { counts in
            let count = counts[key, default: 0]
            guard count < limit else { return false }
            counts[key] = count + 1
            return true
        }
    }

    /// Reverts one `admit`.
    func close(_ key: PeerAddress.Key?) {
        open.wrappingSubtract(1, ordering: .relaxed)
        if let key { closeAddress(key) }
    }

    /// Reverts one `admitAddress`.
    func closeAddress(_ key: PeerAddress.Key) {
        perAddress.withLock { counts in
            let left = counts[key, default: 1] - 1
            counts[key] = left > 0 ? left : nil
        }
    }
}
