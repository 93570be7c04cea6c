// SPDX-License-Identifier: MIT
internal import CSystem
import Glibc

/// This machine's addresses, as far as it knows them itself. Nothing is looked up or sent.
public enum HostAddresses {
    /// Returns the machine's addresses in digits: first those from which it reaches others, IPv4 before IPv6. Without
    /// those of loopback, and without link-local ones, which need a zone that other machines cannot know.
    public static func all() -> [String] {
        var found: [String] = []
        let outward = [outwardAddress(isIPv6: false), outwardAddress(isIPv6: true)].compactMap { $0 }
        for address in outward + interfaceAddresses() where !found.contains(address) && isForOthers(address) {
            found.append(address)
        }
        return found
    }

    /// Returns the address from which this machine sends to the internet; nil if it has no way there. Works even where
    /// the list of interfaces cannot be read, as in a sandbox without netlink sockets.
    ///
    /// Connecting a UDP socket only chooses a route: no packet is sent. The target addresses are reserved for
    /// documentation (RFC 5737, RFC 3849), so no machine has them.
    static func outwardAddress(isIPv6: Bool) -> String? {
        let descriptor = socket(
            isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        guard
            let target = try? SocketAddress(host: isIPv6 ? "2001:db8::1" : "192.0.2.1", port: 9, isIPv6: isIPv6),
            target.connects(descriptor)
        else { return nil }
        return try? SocketAddress(boundTo: descriptor).host
    }

    /// Returns the addresses of all interfaces that are up; none where the list cannot be read.
    static func interfaceAddresses() -> [String] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { return [] }
        defer { unsafe freeifaddrs(list) }
        var (four, six): ([String], [String]) = ([], [])
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = entry.pointee.ifa_next
            guard let address = unsafe entry.pointee.ifa_addr,
                unsafe entry.pointee.ifa_flags & UInt32(IFF_UP) != 0
            else { continue }
            let host = unsafe hostBytes(address)
            guard let text = SocketAddress.text(ofHost: host) else { continue }
            if host.count == 4 { four.append(text) } else { six.append(text) }
        }
        return four + six
    }

    /// Returns a copy of an address's bytes. Safe: an address of a family has that family's structure.
    private static func hostBytes(_ address: UnsafeMutablePointer<sockaddr>) -> [UInt8] {
        let start = UnsafeRawPointer(address)
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET:
            let place = MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) ?? 0
            return unsafe Array(UnsafeRawBufferPointer(start: start + place, count: 4))
        case AF_INET6:
            let place = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 0
            return unsafe Array(UnsafeRawBufferPointer(start: start + place, count: 16))
        default: return []
        }
    }

    private static func isForOthers(_ address: String) -> Bool {
        let isLoopback = address.hasPrefix("127.") || address == "::1"
        let isLinkLocal = address.hasPrefix("169.254.") || address.hasPrefix("fe80:")
        return !isLoopback && !isLinkLocal && address != "0.0.0.0" && address != "::"
    }
}
