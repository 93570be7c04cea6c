// SPDX-License-Identifier: MIT
import Glibc
import System

/// The address of a connection's peer.
public struct PeerAddress: Equatable, Sendable {
    /// The key that connections are counted by: an IPv4 address, or the /64 that one IPv6 customer usually has.
    public struct Key: Hashable, Sendable {
        let high: UInt64
        let low: UInt64
    }

    /// The address as shown in logs: "192.0.2.7:5000", "[2001:db8::7]:5000" or "unix".
    public let text: String
    /// The address without the port: "192.0.2.7", "2001:db8::7" or "unix".
    public let host: String
    /// The key for limits per address; nil for a unix socket, which is exempt.
    public let key: Key?
    /// True for 127.0.0.0/8, ::1 and unix sockets: the peer runs on this machine.
    public let isLocal: Bool

    /// A peer connected through a unix socket.
    public static let unixSocket = PeerAddress(text: "unix", host: "unix", key: nil, isLocal: true)

    /// A peer that went before its address was read; counted as a remote peer.
    private static let gone = PeerAddress(text: "gone", host: "gone", key: Key(high: 0, low: 0), isLocal: false)

    /// Creates the address of a client named by a proxy: numeric, without brackets and port. Nil for any other text.
    public init?(host: String) {
        let isIPv6 = host.contains(":")
        guard let address = try? SocketAddress(host: host, port: 0, isIPv6: isIPv6) else { return nil }
        let known = Self(address)
        self.init(text: known.host, host: known.host, key: known.key, isLocal: known.isLocal)
    }

    init(text: String, host: String, key: Key?, isLocal: Bool) {
        self.text = text
        self.host = host
        self.key = key
        self.isLocal = isLocal
    }

    /// Reads the address of a connected socket's peer. A peer that has gone already counts as a remote one.
    init(ofSocket descriptor: Int32) {
        guard let address = try? SocketAddress(peerOf: descriptor) else {
            self = .gone
            return
        }
        self.init(address)
    }

    init(_ address: SocketAddress) {
        switch address.family {
        case AF_UNIX: self = .unixSocket
        case AF_INET: self.init(ipv4: address.hostBytes, port: address.port)
        case AF_INET6: self.init(ipv6: address)
        default: self = .gone
        }
    }

    private init(ipv4 address: [UInt8], port: UInt16) {
        let dotted = address.map { String($0) }.joined(separator: ".")
        let low = address.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(
            text: "\(dotted):\(port)", host: dotted, key: Key(high: 0, low: low), isLocal: address.first == 127)
    }

    /// Creates an IPv6 address, or an IPv4 one for ::ffff:a.b.c.d: the form in which a dual-stack listener shows IPv4
    /// peers.
    private init(ipv6 address: SocketAddress) {
        let bytes = address.hostBytes
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 255, bytes[11] == 255 {
            self.init(ipv4: Array(bytes[12...]), port: address.port)
            return
        }
        let host = address.host ?? "?"
        let isLoopback = bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
        let prefix = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // The low half marks the family, so that no IPv6 prefix shares a count with an IPv4 address.
        self.init(
            text: "[\(host)]:\(address.port)", host: host, key: Key(high: prefix, low: .max), isLocal: isLoopback)
    }
}
