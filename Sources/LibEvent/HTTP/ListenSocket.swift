// SPDX-License-Identifier: MIT
import Glibc
public import System

/// A bound, listening socket that has not been handed to a server yet.
///
/// Sendable: made on the main thread, taken once by the worker that accepts from it.
public final class ListenSocket: @unchecked Sendable {
    // Sendable because the descriptor is taken once, by the thread that the socket was handed to.
    private var descriptor: Int32
    /// The address it listens on, with the actual port for port 0: "[::]:30333", "127.0.0.1:8080" or "unix:/run/x".
    public let address: String
    /// The TCP port; nil for a unix socket.
    public let port: UInt16?
    /// True if its connections begin with TLS. Set before the socket is handed over.
    public var isEncrypted = false

    /// The file that `bind` made for a unix socket; nil for TCP, a passed socket and a duplicate.
    private let file: SocketFile?

    private init(descriptor: Int32, address: String, port: UInt16?, file: SocketFile? = nil) {
        self.descriptor = descriptor
        self.address = address
        self.port = port
        self.file = file
    }

    /// Returns a socket that listens on a TCP address.
    /// - Parameters:
    ///   - host: a numeric IPv4 or IPv6 address; "::" accepts IPv4 too.
    ///   - port: 0 for a free one.
    ///   - isJoining: true to share the port with sockets of this process that listen there already, so that the kernel
    ///     spreads connections over the loops. The first socket of a port must not join: it fails if any other process
    ///     has the port.
    ///   - stallTimeout: the time after which the kernel gives up a vanished peer (TCP_USER_TIMEOUT).
    public static func tcp(
        host: String, port: UInt16, isJoining: Bool, stallTimeout: Duration
    ) throws(SystemError) -> ListenSocket {
        let isIPv6 = host.contains(":")
        let shown = isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, stream | nonBlocking | closeOnExec, 0)
        guard descriptor >= 0 else { throw SystemError("socket", subject: shown, code: errno) }
        let bound: UInt16
        do throws(SystemError) {
            try set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1, shown)
            if isJoining { try set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1, shown) }
            if isIPv6 { try set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0, shown) }
            try SocketAddress(host: host, port: port, isIPv6: isIPv6).bind(descriptor, shown)
            // After the bind: a port held by another process was refused, and later sockets of this one may join.
            if !isJoining { try set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1, shown) }
            try setInherited(descriptor, stallTimeout, shown)
            try startListening(descriptor, shown)
            bound = try SocketAddress(boundTo: descriptor).port
        } catch {
            close(descriptor)
            throw error
        }
        return ListenSocket(
            descriptor: descriptor, address: isIPv6 ? "[\(host)]:\(bound)" : "\(host):\(bound)", port: bound)
    }

    /// Returns a socket that listens on the unix socket at `path` (at most 107 bytes). A socket file left by a process
    /// that has gone is replaced; one in use, or a file of another kind, is an error.
    public static func unix(path: String) throws(SystemError) -> ListenSocket {
        let shown = "unix:\(path)"
        try SocketFile.removeStale(path, shown)
        let descriptor = socket(AF_UNIX, stream | nonBlocking | closeOnExec, 0)
        guard descriptor >= 0 else { throw SystemError("socket", subject: shown, code: errno) }
        do throws(SystemError) {
            try SocketAddress(path: path).bind(descriptor, shown)
            try startListening(descriptor, shown)
        } catch {
            close(descriptor)
            throw error
        }
        return ListenSocket(descriptor: descriptor, address: shown, port: nil, file: SocketFile(path: path))
    }

    /// Returns a listening socket that was made and passed by systemd (a socket unit) or by a parent process. Its
    /// address and its file stay with its maker.
    /// - Throws: if `passed` is not a listening stream socket of TCP or unix (code ENOTSOCK, EINVAL, EAFNOSUPPORT).
    public static func passed(
        _ passed: Descriptor, name: String, stallTimeout: Duration
    ) throws(SystemError) -> ListenSocket {
        let number = passed.borrowed
        guard let type = option(number, SOL_SOCKET, SO_TYPE),
            let isListening = option(number, SOL_SOCKET, SO_ACCEPTCONN)
        else { throw SystemError("accept from", subject: name, code: ENOTSOCK) }
        guard type == stream, isListening == 1 else { throw SystemError("accept from", subject: name, code: EINVAL) }
        let bound = try SocketAddress(boundTo: number)
        let isTCP = bound.family == AF_INET || bound.family == AF_INET6
        guard isTCP || bound.family == AF_UNIX else {
            throw SystemError("accept from", subject: name, code: EAFNOSUPPORT)
        }
        guard fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) == 0 else {
            throw SystemError("fcntl", subject: name, code: errno)
        }
        guard isTCP, let host = bound.host else {
            return ListenSocket(descriptor: passed.take(), address: "unix:\(bound.path)", port: nil)
        }
        let address = bound.family == AF_INET6 ? "[\(host)]:\(bound.port)" : "\(host):\(bound.port)"
        try setInherited(number, stallTimeout, address)
        return ListenSocket(descriptor: passed.take(), address: address, port: bound.port)
    }

    /// Removes a unix socket's file once nothing listens there any more, unless another process has put its own there.
    public func removeFile() { file?.remove() }

    /// Returns the same socket for one more loop; the loops then take turns in accepting.
    public func duplicate() throws(SystemError) -> ListenSocket {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw SystemError("dup", subject: address, code: errno) }
        let socket = ListenSocket(descriptor: copy, address: address, port: port)
        socket.isEncrypted = isEncrypted
        return socket
    }

    /// Returns the descriptor, which the caller then closes.
    func takeDescriptor() -> Int32 {
        defer { descriptor = -1 }
        return descriptor
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Sets options that accepted sockets inherit on Linux, which saves these calls for every connection.
    private static func setInherited(
        _ descriptor: Int32, _ stallTimeout: Duration, _ shown: String
    ) throws(SystemError) {
        let tcp = Int32(IPPROTO_TCP)
        try set(descriptor, tcp, TCP_NODELAY, 1, shown)
        try set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1, shown)
        try set(descriptor, tcp, TCP_USER_TIMEOUT, Int32(clamping: stallTimeout.wholeMilliseconds), shown)
        // At most this much unsent in the kernel: a slow viewer gets the newest frame instead of a queue of old ones.
        try set(descriptor, tcp, TCP_NOTSENT_LOWAT, 16384, shown)
    }

    /// Changes the time after which the kernel gives up a vanished peer, for connections accepted from now on. A unix
    /// socket lacks this option and needs none.
    static func setStallTimeout(_ timeout: Duration, ofListener descriptor: Int32) {
        try? set(
            descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: timeout.wholeMilliseconds), "listener")
    }

    private static func set(
        _ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32, _ shown: String
    ) throws(SystemError) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe setsockopt(descriptor, level, option, &value, size) == 0 else {
            throw SystemError("setsockopt", subject: shown, code: errno)
        }
    }

    private static func option(_ descriptor: Int32, _ level: Int32, _ option: Int32) -> Int32? {
        var value: Int32 = -1
        var size = socklen_t(MemoryLayout<Int32>.size)
        // Safe: getsockopt writes at most `size` bytes.
        return unsafe getsockopt(descriptor, level, option, &value, &size) == 0 ? value : nil
    }

    private static func startListening(_ descriptor: Int32, _ shown: String) throws(SystemError) {
        guard listen(descriptor, SOMAXCONN) == 0 else { throw SystemError("listen", subject: shown, code: errno) }
    }
}

private let stream = Int32(SOCK_STREAM.rawValue)
private let nonBlocking = Int32(SOCK_NONBLOCK.rawValue)
private let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)
