// SPDX-License-Identifier: MIT
import System

// Making room at a limit: a new connection takes the place of the one that has been idle longest. So a flood of
// connections that send no request keeps nobody out.
extension Gate {
    /// The most connections examined to find one that may end.
    private static let maxLooks = 16
    /// The most connections that wait for room on this loop. Meanwhile, further ones wait in the kernel's queue.
    static let maxNewcomers = 64
    /// The longest time for which a new connection waits for room.
    private static let longestWait = Duration.seconds(1)
    /// The time between two tries of a waiting connection.
    private static let waitInterval = Duration.milliseconds(5)
    /// The most connections ended at a time when no descriptor is left: libevent closes their sockets a turn later.
    private static let maxLetGoForDescriptors = 8

    /// Counts a new connection, in the place of an idle one if necessary. A connection that has not waited leaves the
    /// room that other loops make for waiting ones.
    func admit(_ key: PeerAddress.Key?, hasWaited: Bool) -> ConnectionBudget.Verdict {
        var verdict = budget.admit(key, isBehindWaiting: !hasWaited)
        // Another loop's new connection may take the room that was made here.
        for _ in 0..<3 {
            guard let limit = Self.limit(verdict, key), makeRoom(limit) else { return verdict }
            verdict = budget.admit(key)
        }
        return verdict
    }

    /// Ends the connection that has been idle longest, of this loop's connections that `limit` applies to; false if
    /// none of the first `maxLooks` may end.
    func makeRoom(_ limit: ConnectionLimit) -> Bool {
        let line = idle.line(limit)
        for _ in 0..<min(Self.maxLooks, line?.count ?? 0) {
            // The connections after a new one are newer still.
            guard let connection = line?.first else { return false }
            let (hasInput, now) = (connection.input.count > 0, SystemClock.monotonic())
            if connection.state.isNew(hasInput: hasInput, now: now) { return false }
            let isExpendable = connection.state.isExpendable(
                hasInput: hasInput, hasUnreadBytes: connection.socket.hasUnreadBytes, now: now)
            if isExpendable {
                letGo(connection)
                handler?.madeRoom(limit)
                return true
            }
            idle.moveToEnd(connection)
        }
        return false
    }

    private func letGo(_ connection: GateConnection) {
        if connection.tls?.isOpen == false { handler?.shookHands(.failed) }
        connection.close(.byServer)
    }

    /// Lets a connection that found no room wait and try again, for `longestWait` in all; false if that time is over,
    /// too many wait already, or no room can be expected.
    func letWait(_ connection: GateConnection, _ verdict: ConnectionBudget.Verdict) -> Bool {
        guard let limit = Self.limit(verdict, connection.place.key) else { return false }
        let now = SystemClock.monotonic()
        let isNew = connection.place.roomDeadline == nil
        guard now < connection.place.roomDeadline ?? .distantFuture, newcomers.count < Self.maxNewcomers else {
            return false
        }
        // Asked at each try: another connection may have taken the room that was made.
        let isWantedElsewhere = handler?.roomWanted(limit) == true
        // There may be room by now, which is kept for waiting connections.
        let isRoomKept = limit == .total && !budget.isFull
        guard isWantedElsewhere || isRoomKept || idle.line(limit)?.first != nil else { return false }
        if isNew { connection.place.roomDeadline = now + Self.longestWait }
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

    /// Ends up to `maxLetGoForDescriptors` idle connections, so that others can be accepted; false if none could end.
    func makeRoomForDescriptors() -> Bool {
        var count = 0
        while count < Self.maxLetGoForDescriptors, makeRoom(.descriptors) { count += 1 }
        return count > 0
    }

    private static func limit(_ verdict: ConnectionBudget.Verdict, _ key: PeerAddress.Key?) -> ConnectionLimit? {
        switch verdict {
        case .admitted: nil
        case .full: .total
        case .tooManyFromAddress: key.map { .address($0) }
        }
    }
}
