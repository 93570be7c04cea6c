// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

/// The listening sockets. All are opened before any worker runs, so that a wrong address ends the start with one
/// message.
struct Listeners {
    /// The sockets of each loop.
    private(set) var byLoop: [[ListenSocket]]
    /// Canonical addresses, with the real ports in place of port 0.
    private(set) var addresses: [BoundAddress] = []
    private let stallTimeout: Duration

    /// Opens the addresses of `configuration` for each of its loops. A TCP port gets one socket per loop, and the
    /// kernel spreads the connections between them. Unix sockets are shared.
    ///
    /// - Parameter passed: the sockets that systemd has passed, for `systemd` among the addresses.
    init(_ configuration: Configuration, passed: [PassedDescriptors.Entry]) throws(ServiceError) {
        byLoop = Array(repeating: [], count: configuration.threads)
        stallTimeout = configuration.timeouts.stall
        try add(configuration.listen, .listen, passed.filter { !Self.isForTLS($0) })
        try add(configuration.tls.addresses, .tlsListen, passed.filter(Self.isForTLS))
    }

    /// Returns true if the socket is for TLS, by the name of its socket unit or by FileDescriptorName= there.
    private static func isForTLS(_ entry: PassedDescriptors.Entry) -> Bool { entry.name.contains("tls") }

    private mutating func add(
        _ wanted: [ListenAddress], _ setting: Setting, _ passed: [PassedDescriptors.Entry]
    ) throws(ServiceError) {
        guard !wanted.contains(.systemd) || !passed.isEmpty else { throw .noSystemdSockets(flag: setting.flag) }
        let isEncrypted = setting.name == Setting.tlsListen.name
        do throws(SystemError) {
            for address in wanted {
                switch address {
                case .internet(let host, let port):
                    do throws(SystemError) {
                        try open("\(host)", port, isEncrypted)
                    } catch  where error.isAddressUnavailable && host == .everyAddress {
                        // Without IPv6 on this machine, every address means every IPv4 address.
                        try open("0.0.0.0", port, isEncrypted)
                    }
                case .unix(let path):
                    try share(ListenSocket.unix(path: path), isEncrypted)
                case .systemd: break
                }
            }
        } catch {
            throw .cannotListen(error, flag: setting.flag)
        }
        guard wanted.contains(.systemd) else { return }
        for entry in passed {
            do throws(SystemError) {
                try share(
                    ListenSocket.passed(entry.descriptor, name: "systemd (\(entry.name))", stallTimeout: stallTimeout),
                    isEncrypted)
            } catch {
                throw .unusableSocket(error, flag: setting.flag)
            }
        }
    }

    /// Removes the files of unix sockets. Called when the workers have ended.
    func removeFiles() {
        for socket in byLoop.first ?? [] { socket.removeFile() }
    }

    private mutating func open(_ host: String, _ port: UInt16, _ isEncrypted: Bool) throws(SystemError) {
        let first = try ListenSocket.tcp(host: host, port: port, isJoining: false, stallTimeout: stallTimeout)
        let bound = first.port ?? port
        first.isEncrypted = isEncrypted
        byLoop[0].append(first)
        for loop in 1..<max(1, byLoop.count) {
            let socket = try ListenSocket.tcp(host: host, port: bound, isJoining: true, stallTimeout: stallTimeout)
            socket.isEncrypted = isEncrypted
            byLoop[loop].append(socket)
        }
        addresses.append(BoundAddress(first))
    }

    /// Shares one socket between all loops, which take turns in accepting. Connections that wait in it outlive this
    /// process.
    private mutating func share(_ socket: ListenSocket, _ isEncrypted: Bool) throws(SystemError) {
        socket.isEncrypted = isEncrypted
        addresses.append(BoundAddress(socket))
        for loop in 1..<max(1, byLoop.count) { byLoop[loop].append(try socket.duplicate()) }
        byLoop[0].append(socket)
    }
}

/// An address that the service listens on.
struct BoundAddress: Equatable, Sendable {
    /// The address as given, with the real port.
    let text: String
    /// The URL to type into a browser on this machine; the address itself for a unix socket.
    let url: String
    /// The port; nil for a unix socket.
    let port: UInt16?
    /// True if connections to it have TLS.
    let isEncrypted: Bool

    init(_ socket: ListenSocket) {
        text = socket.address
        port = socket.port
        isEncrypted = socket.isEncrypted
        let isEverywhere = text.hasPrefix("[::]:") || text.hasPrefix("0.0.0.0:")
        let scheme = isEncrypted ? "https" : "http"
        url = port.map { "\(scheme)://\(isEverywhere ? "localhost:\($0)" : socket.address)" } ?? socket.address
    }
}
