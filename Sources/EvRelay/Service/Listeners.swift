// SPDX-License-Identifier: MIT
import LibEvent

/// Opens every listening socket before any worker runs, so that a wrong address ends the start with one message.
struct Listeners {
    /// The sockets of each loop.
    private(set) var byLoop: [[ListenSocket]]
    /// Canonical addresses, with the ports that port 0 became.
    private(set) var addresses: [BoundAddress] = []

    /// Opens `addresses` for `loops` loops. TCP ports get a socket per loop, between which the kernel spreads the
    /// connections; unix sockets are shared.
    ///
    /// - Parameter passed: what systemd has passed, for `systemd` among the addresses.
    init(
        _ wanted: [ListenAddress], passed: [PassedDescriptors.Entry], loops: Int, stallTimeout: Duration
    ) throws(ServiceError) {
        byLoop = Array(repeating: [], count: loops)
        guard !wanted.contains(.systemd) || !passed.isEmpty else { throw .noSystemdSockets }
        do throws(LibEventError) {
            for address in wanted {
                switch address {
                case .internet(let host, let port):
                    do throws(LibEventError) {
                        try open("\(host)", port, loops, stallTimeout)
                    } catch  where error.isAddressUnavailable && host == .everyAddress {
                        // No IPv6 on this machine: then every address means every IPv4 address.
                        try open("0.0.0.0", port, loops, stallTimeout)
                    }
                case .unix(let path):
                    try share(ListenSocket.unix(path: path))
                case .systemd: break
                }
            }
        } catch {
            throw .cannotListen(error)
        }
        guard wanted.contains(.systemd) else { return }
        for entry in passed {
            do throws(LibEventError) {
                try share(
                    ListenSocket.passed(entry.descriptor, name: "systemd (\(entry.name))", stallTimeout: stallTimeout))
            } catch {
                throw .unusableSocket(error)
            }
        }
    }

    /// Removes the files of unix sockets, when the workers have ended.
    func removeFiles() {
        for socket in byLoop.first ?? [] { socket.removeFile() }
    }

    private mutating func open(
        _ host: String, _ port: UInt16, _ loops: Int, _ stallTimeout: Duration
    ) throws(LibEventError) {
        let first = try ListenSocket.tcp(host: host, port: port, isJoining: false, stallTimeout: stallTimeout)
        let bound = first.port ?? port
        byLoop[0].append(first)
        for loop in 1..<max(1, loops) {
            byLoop[loop].append(
                try ListenSocket.tcp(host: host, port: bound, isJoining: true, stallTimeout: stallTimeout))
        }
        addresses.append(BoundAddress(first))
    }

    /// One socket for all loops, which then take turns in accepting: what waits in it outlives this process.
    private mutating func share(_ socket: ListenSocket) throws(LibEventError) {
        addresses.append(BoundAddress(socket))
        for loop in 1..<max(1, byLoop.count) { byLoop[loop].append(try socket.duplicate()) }
        byLoop[0].append(socket)
    }
}

/// An address that is listened on.
struct BoundAddress: Equatable, Sendable {
    /// As given, with the real port.
    let text: String
    /// What to type into a browser on this machine.
    let url: String
    /// Nil for a unix socket.
    let port: UInt16?

    init(_ socket: ListenSocket) {
        text = socket.address
        port = socket.port
        let isEverywhere = text.hasPrefix("[::]:") || text.hasPrefix("0.0.0.0:")
        url = port.map { "http://\(isEverywhere ? "localhost:\($0)" : socket.address)" } ?? socket.address
    }
}
