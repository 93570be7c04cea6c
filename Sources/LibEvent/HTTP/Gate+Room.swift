// SPDX-License-Identifier: MIT

// How a new connection gets room where a limit is reached: the one that has been idle longest goes. A flood of connections
// that ask for nothing keeps nobody out then.
extension Gate {
    /// Most connections looked at for one that may go.
    private static let maxLooks = 16
    /// The time for which a new connection waits for room that another loop is asked to make, and between two looks.
    private static let longestWait = Duration.milliseconds(200)
    private static let waitInterval = Duration.milliseconds(10)
    /// Connections let go at a time when no descriptor is left: libevent closes their sockets a turn later.
    private static let maxLetGoForDescriptors = 8

    /// The idle connections of one address on this loop.
    final class Address {
        let idle = WaitingLine<GateConnection>()
        /// Its connections, idle or not.
        fileprivate var count = 0
    }

    /// Counts a new connection, if need be in the place of an idle one.
    func admit(_ key: PeerAddress.Key?) -> ConnectionBudget.Verdict {
        // Another loop's new connection may take the room that was made here.
        for _ in 0..<3 {
            let verdict = budget.admit(key)
            guard let limit = Self.limit(verdict, key), makeRoom(limit) else { return verdict }
        }
        return budget.admit(key)
    }

    /// Ends the connection of this loop that has been idle longest, of those that `limit` is about; false if none is idle.
    func makeRoom(_ limit: ConnectionLimit) -> Bool {
        let line: WaitingLine<GateConnection>? =
            if case .address(let key) = limit { addresses[key]?.idle } else { idle }
        for _ in 0..<min(Self.maxLooks, line?.count ?? 0) {
            guard let connection = line?.first else { return false }
            if connection.isExpendable {
                connection.letGo()
                handler?.madeRoom(limit)
                return true
            }
            connection.waitAgain()
        }
        return false
    }

    /// Lets a connection that found no room here try again for a moment, if other loops can be asked to make some; false
    /// if that is in vain.
    func letWait(_ connection: GateConnection, _ verdict: ConnectionBudget.Verdict) -> Bool {
        guard let limit = Self.limit(verdict, connection.countedKey) else { return false }
        let now = SystemClock.monotonic()
        let isNew = connection.roomDeadline == nil
        guard now < connection.roomDeadline ?? .distantFuture, newcomers.count < Self.maxRejected,
            // Each time: somebody else may have taken the room that was made.
            handler?.roomWanted(limit) == true
        else { return false }
        if isNew { connection.roomDeadline = now + Self.longestWait }
        newcomers.append(connection)
        roomTimer?.start(after: Self.waitInterval)
        return true
    }

    func admitNewcomers() {
        let waiting = newcomers
        newcomers.removeAll(keepingCapacity: true)
        for connection in waiting { connection.tryToEnter() }
    }

    /// Makes room for connections that could not be accepted; false if nobody is idle.
    func makeRoomForDescriptors() -> Bool {
        var count = 0
        while count < Self.maxLetGoForDescriptors, makeRoom(.descriptors) { count += 1 }
        return count > 0
    }

    func joinAddress(_ key: PeerAddress.Key?) -> Address? {
        guard let key else { return nil }
        let address = addresses[key] ?? Address()
        address.count += 1
        addresses[key] = address
        return address
    }

    func leaveAddress(_ key: PeerAddress.Key?) {
        guard let key, let address = addresses[key] else { return }
        address.count -= 1
        if address.count == 0 { addresses[key] = nil }
    }

    private static func limit(_ verdict: ConnectionBudget.Verdict, _ key: PeerAddress.Key?) -> ConnectionLimit? {
        switch verdict {
        case .admitted: nil
        case .full: .total
        case .tooManyFromAddress: key.map { .address($0) }
        }
    }
}
