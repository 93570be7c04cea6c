// SPDX-License-Identifier: MIT

// How a new connection gets room where a limit is reached: the one that has been idle longest goes. A flood of connections
// that ask for nothing keeps nobody out then.
extension Gate {
    /// Most connections looked at for one that may go.
    private static let maxLooks = 16
    /// Most connections that wait for room on this loop. The others wait with the kernel meanwhile.
    static let maxNewcomers = 64
    /// The time for which a new connection waits for room, and between two looks.
    private static let longestWait = Duration.seconds(1)
    private static let waitInterval = Duration.milliseconds(5)
    /// Connections let go at a time when no descriptor is left: libevent closes their sockets a turn later.
    private static let maxLetGoForDescriptors = 8

    /// The idle connections of one address on this loop.
    final class Address {
        let idle = WaitingLine<GateConnection>()
        /// Its connections, idle or not.
        fileprivate var count = 0
    }

    /// Counts a new connection, if need be in the place of an idle one. Room that other loops make for those that wait is
    /// not taken by others.
    func admit(_ key: PeerAddress.Key?, hasWaited: Bool) -> ConnectionBudget.Verdict {
        var verdict = budget.admit(key, isBehindWaiting: !hasWaited)
        // Another loop's new connection may take the room that was made here.
        for _ in 0..<3 {
            guard let limit = Self.limit(verdict, key), makeRoom(limit) else { return verdict }
            verdict = budget.admit(key)
        }
        return verdict
    }

    /// Ends the connection of this loop that has been idle longest, of those that `limit` is about; false if none is idle.
    func makeRoom(_ limit: ConnectionLimit) -> Bool {
        let line = idleLine(limit)
        for _ in 0..<min(Self.maxLooks, line?.count ?? 0) {
            // Those behind a new one are newer still.
            guard let connection = line?.first, !connection.isNew else { return false }
            if connection.isExpendable {
                connection.letGo()
                handler?.madeRoom(limit)
                return true
            }
            connection.waitAgain()
        }
        return false
    }

    /// Lets a connection that found no room try again for a moment, if there soon may be some; false if that is in vain.
    func letWait(_ connection: GateConnection, _ verdict: ConnectionBudget.Verdict) -> Bool {
        guard let limit = Self.limit(verdict, connection.countedKey) else { return false }
        let now = SystemClock.monotonic()
        let isNew = connection.roomDeadline == nil
        guard now < connection.roomDeadline ?? .distantFuture, newcomers.count < Self.maxNewcomers else { return false }
        // Each time: somebody else may have taken the room that was made.
        let isWantedElsewhere = handler?.roomWanted(limit) == true
        // There may be room by now, and it is kept for those that wait.
        let isRoomKept = limit == .total && !budget.isFull
        guard isWantedElsewhere || isRoomKept || idleLine(limit)?.first != nil else { return false }
        if isNew { connection.roomDeadline = now + Self.longestWait }
        newcomers.append((connection, limit))
        if limit == .total { budget.startWaiting() }
        roomTimer?.start(after: Self.waitInterval)
        updateAccepting()
        return true
    }

    func admitNewcomers() {
        for connection in takeNewcomers() { connection.tryToEnter() }
        updateAccepting()
    }

    func takeNewcomers() -> [GateConnection] {
        for (_, limit) in newcomers where limit == .total { budget.stopWaiting() }
        defer { newcomers.removeAll(keepingCapacity: true) }
        return newcomers.map(\.connection)
    }

    /// The idle connections of this loop that `limit` is about. One whose request has just come is among them until the
    /// loop reads it.
    private func idleLine(_ limit: ConnectionLimit) -> WaitingLine<GateConnection>? {
        if case .address(let key) = limit { addresses[key]?.idle } else { idle }
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
