// SPDX-License-Identifier: MIT

/// The idle connections of one loop, longest idle first: a line of all, and a line of each address. At a limit of
/// connections, the first one that may go makes room.
///
/// Confined to one event loop.
final class IdleLines {
    /// The connections of one address.
    final class Address {
        fileprivate let line = WaitingLine<GateConnection>()
        /// The number of its connections on this loop, idle or not.
        fileprivate var count = 0
    }

    /// The places of one connection in the lines.
    struct Places {
        fileprivate let all = WaitingLine<GateConnection>.Place()
        fileprivate let own = WaitingLine<GateConnection>.Place()
        /// Nil before the connection is counted, and if it is not counted by address.
        fileprivate var address: Address?
    }

    private let all = WaitingLine<GateConnection>()
    private var addresses: [PeerAddress.Key: Address] = [:]

    /// True if no connection is idle.
    var isEmpty: Bool { all.first == nil }

    /// Returns the line of the connections that `limit` applies to; nil if there are none. A connection whose request
    /// has just arrived is among them until the loop reads it.
    func line(_ limit: ConnectionLimit) -> WaitingLine<GateConnection>? {
        if case .address(let key) = limit { addresses[key]?.line } else { all }
    }

    /// Counts a connection of the address `key`; nil for one that is not counted by address.
    func enter(_ places: inout Places, key: PeerAddress.Key?) {
        guard let key else { return }
        let address = addresses[key] ?? Address()
        address.count += 1
        addresses[key] = address
        places.address = address
    }

    /// Reverts one `enter`.
    func leave(key: PeerAddress.Key?) {
        guard let key, let address = addresses[key] else { return }
        address.count -= 1
        if address.count == 0 { addresses[key] = nil }
    }

    /// Adds `connection` at the end of the lines, or removes it.
    func update(_ connection: GateConnection, isIdle: Bool) {
        guard isIdle != connection.place.lines.all.isTaken else { return }
        let places = connection.place.lines
        if isIdle {
            all.join(connection, at: places.all)
            places.address?.line.join(connection, at: places.own)
        } else {
            all.leave(places.all)
            places.address?.line.leave(places.own)
        }
    }

    /// Moves an idle connection to the end of the lines.
    func moveToEnd(_ connection: GateConnection) {
        guard connection.place.lines.all.isTaken else { return }
        update(connection, isIdle: false)
        update(connection, isIdle: true)
    }
}
