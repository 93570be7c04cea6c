// SPDX-License-Identifier: MIT
import Glibc

/// Who is at the other end of a connection.
public struct PeerAddress: Equatable, Sendable {
    /// What connections are counted by: an IPv4 address, or the /64 that one IPv6 customer usually has.
    public struct Key: Hashable, Sendable {
        let high: UInt64
        let low: UInt64
    }

    /// As shown in logs: "192.0.2.7:5000", "[2001:db8::7]:5000" or "unix".
    public let text: String
    /// Nil for a unix socket, which is exempt from limits per address.
    public let key: Key?
    /// True for 127.0.0.0/8, ::1 and unix sockets: the peer runs on this machine.
    public let isLocal: Bool

    /// A peer connected through a unix socket.
    public static let unixSocket = PeerAddress(text: "unix", key: nil, isLocal: true)

    init(text: String, key: Key?, isLocal: Bool) {
        self.text = text
        self.key = key
        self.isLocal = isLocal
    }

    /// The peer of a connected socket; one that has gone already counts as a foreign nobody.
    init(ofSocket descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getpeername(descriptor, $0, &length)
            }
        }
        guard code == 0 else {
            self.init(text: "gone", key: Key(high: 0, low: 0), isLocal: false)
            return
        }
        switch Int32(storage.ss_family) {
        case AF_UNIX: self = .unixSocket
        case AF_INET: self = unsafe withUnsafeBytes(of: &storage) { unsafe Self(ipv4: $0) }
        default: self = unsafe withUnsafeBytes(of: &storage) { unsafe Self(ipv6: $0) }
        }
    }

    /// `sockaddr_in`: port at byte 2, address at byte 4, both in network order.
    private init(ipv4 bytes: UnsafeRawBufferPointer) {
        self.init(ipv4: unsafe Array(bytes[4..<8]), port: unsafe Self.port(bytes))
    }

    private init(ipv4 address: [UInt8], port: Int) {
        let dotted = address.map { String($0) }.joined(separator: ".")
        let low = address.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(text: "\(dotted):\(port)", key: Key(high: 0, low: low), isLocal: address.first == 127)
    }

    /// `sockaddr_in6`: port at byte 2, address at byte 8. A dual-stack listener shows IPv4 peers as ::ffff:a.b.c.d.
    private init(ipv6 bytes: UnsafeRawBufferPointer) {
        let address = unsafe Array(bytes[8..<24])
        let port = unsafe Self.port(bytes)
        if address[..<10].allSatisfy({ $0 == 0 }), address[10] == 255, address[11] == 255 {
            self.init(ipv4: Array(address[12...]), port: port)
            return
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let shown = unsafe text.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let base = buffer.baseAddress else { return nil }
            let name = unsafe inet_ntop(AF_INET6, address, base, socklen_t(buffer.count))
            return unsafe name.map { unsafe String(cString: $0) }
        }
        let isLoopback = address[..<15].allSatisfy { $0 == 0 } && address[15] == 1
        let prefix = address[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // The low half marks the family, so that no IPv6 prefix shares a count with an IPv4 address.
        self.init(text: "[\(shown ?? "?")]:\(port)", key: Key(high: prefix, low: .max), isLocal: isLoopback)
    }

    private static func port(_ bytes: UnsafeRawBufferPointer) -> Int {
        unsafe Int(bytes[2]) << 8 | Int(bytes[3])
    }
}
