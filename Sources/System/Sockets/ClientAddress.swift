// SPDX-License-Identifier: MIT
public import Glibc

/// The address that a client connects to: a numeric address with a port, or a unix socket.
public enum ClientAddress: Equatable, Sendable, CustomStringConvertible {
    /// A TCP address. `host` is IPv4 or IPv6 in digits, or `localhost`, which is read as 127.0.0.1: no name is looked
    /// up.
    case tcp(host: String, port: UInt16)
    /// A stream socket in the file system; its path has at most 107 bytes.
    case unix(path: String)

    /// The address as text: `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/x.sock`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// True for an IPv6 address in digits.
    public var isIPv6: Bool {
        guard case .tcp(let host, _) = self else { return false }
        return host.contains(":")
    }

    /// True for an address in digits, false for a name and for a unix socket.
    public var isNumeric: Bool {
        guard case .tcp(let host, _) = self else { return false }
        var bytes = in6_addr()
        // Safe: inet_pton writes an in_addr or an in6_addr; the destination is as large as the larger one.
        return unsafe (inet_pton(AF_INET, host, &bytes) == 1 || inet_pton(AF_INET6, host, &bytes) == 1)
    }

    /// Calls `use` with the address in the kernel's form.
    ///
    /// - Throws: EINVAL for a host that is no address; ENAMETOOLONG for a path that is empty or too long.
    public func withSocketAddress<Result>(
        _ use: (_ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Result
    ) throws(SystemError) -> Result {
        switch self {
        case .tcp(let host, let port):
            let digits = host == "localhost" ? "127.0.0.1" : host
            var four = sockaddr_in()
            // Safe: inet_pton writes one in_addr; its destination is one.
            if unsafe inet_pton(AF_INET, digits, &four.sin_addr) == 1 {
                four.sin_family = sa_family_t(AF_INET)
                four.sin_port = port.bigEndian
                return unsafe Self.rebound(&four) { unsafe use($0, $1) }
            }
            var six = sockaddr_in6()
            // Safe: inet_pton writes one in6_addr; its destination is one.
            guard unsafe inet_pton(AF_INET6, digits, &six.sin6_addr) == 1 else {
                throw SystemError("read the address", subject: host, code: EINVAL)
            }
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            return unsafe Self.rebound(&six) { unsafe use($0, $1) }

        case .unix(let path):
            var local = sockaddr_un()
            let bytes = Array(path.utf8)
            // Safe: one byte of sun_path is left as the terminating zero, checked before anything is written.
            let fits = unsafe withUnsafeMutableBytes(of: &local.sun_path) { destination in
                guard bytes.count < destination.count, !bytes.isEmpty else { return false }
                unsafe destination.copyBytes(from: bytes)
                return true
            }
            guard fits else { throw SystemError("read the unix path", subject: path, code: ENAMETOOLONG) }
            local.sun_family = sa_family_t(AF_UNIX)
            return unsafe Self.rebound(&local) { unsafe use($0, $1) }
        }
    }

    /// Calls `use` with the address as a sockaddr. Safe: every sockaddr_xx begins as a sockaddr does, and the kernel
    /// reads `length` bytes, the size of the real one.
    private static func rebound<Address, Result>(
        _ address: inout Address, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe use(generic, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
