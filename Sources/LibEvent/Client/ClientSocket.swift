// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc
public import System

/// One non-blocking client connection (TCP with TCP_NODELAY, or unix), for load tools, the doctor and tests.
///
/// Confined to one thread. Owns its descriptor, which is closed once: by `close()`, by `reset()`, or with the object.
@safe
public final class ClientSocket {
    /// The result of a read.
    public enum ReadOutcome: Equatable, Sendable {
        /// This many bytes, at least one, now stand at the beginning of the buffer.
        case bytes(Int)
        /// Nothing has arrived yet.
        case wouldBlock
        /// The peer has ended its side.
        case ended
        /// The connection failed, e.g. was reset.
        case failed(LibEventError)
    }

    /// The result of a write.
    public enum WriteOutcome: Equatable, Sendable {
        /// This many bytes, from the first on, were taken; zero only if there were none.
        case bytes(Int)
        /// The socket's buffer is full.
        case wouldBlock
        /// The connection failed, e.g. was reset. No SIGPIPE is raised.
        case failed(LibEventError)
    }

    /// The address that it was connected to.
    public let address: ClientAddress
    /// The socket's descriptor; -1 once closed.
    private(set) var descriptor: Int32
    /// The SSL object; nil for a connection without TLS.
    private var tls: OpaquePointer?

    /// Begins to connect. The socket becomes writable when the connection is made or has failed (`connectionError()`).
    ///
    /// - Parameter receiveBufferBytes: SO_RCVBUF, set before connecting so that the window follows it. Default: the
    ///   kernel's choice, which grows with the traffic.
    public init(connectingTo address: ClientAddress, receiveBufferBytes: Int? = nil) throws(LibEventError) {
        self.address = address
        let family =
            switch address {
            case .tcp(let host, _): host.contains(":") ? AF_INET6 : AF_INET
            case .unix: AF_UNIX
            }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw LibEventError("socket", code: errno) }
        if let receiveBufferBytes {
            try set(SO_RCVBUF, level: SOL_SOCKET, to: Int32(clamping: receiveBufferBytes))
        }
        if case .tcp = address { try set(TCP_NODELAY, level: Int32(IPPROTO_TCP), to: 1) }
        // Safe: the kernel copies the address during the call.
        let connected = unsafe try address.withSocketAddress {
            unsafe connect(descriptor, $0, $1) == 0 || errno == EINPROGRESS
        }
        guard connected else { throw LibEventError("connect to", subject: address.description, code: errno) }
    }

    deinit {
        close()
    }

    /// Begins TLS on an established connection, and waits until both sides have their keys.
    public func startTLS(_ configuration: ClientTLS, timeout: Duration) throws(LibEventError) {
        guard let connection = unsafe configuration.makeConnection(descriptor) else { throw LibEventError("SSL_new") }
        unsafe tls = connection
        let deadline = SystemClock.monotonic() + timeout
        while true {
            ERR_clear_error()
            let code = unsafe SSL_do_handshake(connection)
            if code == 1 { return }
            let left = deadline - SystemClock.monotonic()
            let reason = unsafe SSL_get_error(connection, code)
            guard reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE, left > .zero else {
                throw LibEventError("TLS handshake with", subject: address.description)
            }
            _ = wait(for: reason == SSL_ERROR_WANT_READ ? .readable : .writable, timeout: left)
        }
    }

    /// Returns the error for which the connection could not be made or broke, once; nil if there is none.
    public func connectionError() -> LibEventError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        // Safe: getsockopt writes at most `length` bytes, the size of `code`.
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
            return LibEventError("getsockopt", code: errno)
        }
        return code == 0 ? nil : LibEventError("connect to", subject: address.description, code: code)
    }

    /// Reads the bytes that have arrived, at most the buffer's size and at most `limit`, to the buffer's beginning.
    ///
    /// The buffer keeps its size, so that one serves every read: the bytes read are
    /// `buffer.span.extracting(0..<count)`.
    public func read(into buffer: inout [UInt8], atMost limit: Int = .max) -> ReadOutcome {
        if let tls = unsafe tls { return unsafe decrypt(from: tls, into: &buffer, atMost: limit) }
        // Safe: recv writes at most the count it is given, never more than the buffer holds.
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe recv(descriptor, bytes.baseAddress, min(bytes.count, max(0, limit)), 0)
        }
        if count > 0 { return .bytes(count) }
        if count == 0 { return .ended }
        if errno == EAGAIN || errno == EINTR { return .wouldBlock }
        return .failed(LibEventError("read from", subject: address.description, code: errno))
    }

    /// Writes as many of the bytes as the socket takes now.
    public func write(_ bytes: Span<UInt8>) -> WriteOutcome {
        if let tls = unsafe tls { return unsafe encrypt(bytes, to: tls) }
        // Safe: send reads `count` bytes of the span, during the call.
        let count = unsafe bytes.withUnsafeBytes { source in
            unsafe send(descriptor, source.baseAddress, source.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return .bytes(count) }
        if errno == EAGAIN || errno == EINTR { return .wouldBlock }
        return .failed(LibEventError("write to", subject: address.description, code: errno))
    }

    /// Waits until the socket is ready for one of `what` or gone; empty when the time is over.
    public func wait(for what: Readiness, timeout: Duration) -> Readiness {
        let milliseconds = Int32(clamping: max(0, timeout.wholeNanoseconds) / 1_000_000)
        var entry = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: what.rawValue), revents: 0)
        // Safe: one entry is passed, and the count says one.
        guard unsafe poll(&entry, 1, milliseconds) > 0 else { return [] }
        return Readiness(rawValue: UInt32(UInt16(bitPattern: entry.revents)))
    }

    /// Ends this side of the connection; the peer's side can still be read.
    public func shutdownWrite() throws(LibEventError) {
        guard shutdown(descriptor, Int32(SHUT_WR)) == 0 else { throw LibEventError("shutdown", code: errno) }
    }

    /// Closes with RST: unsent and unread bytes are discarded on both sides.
    public func reset() throws(LibEventError) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        // Safe: the kernel copies the structure, whose size is given, during the call.
        let size = socklen_t(MemoryLayout.size(ofValue: linger))
        guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size) == 0 else {
            throw LibEventError("setsockopt SO_LINGER", code: errno)
        }
        close()
    }

    /// Closes the connection; a second call does nothing. A `Poller` forgets the socket by itself.
    public func close() {
        guard descriptor >= 0 else { return }
        unsafe SSL_free(tls)
        unsafe tls = nil
        _ = Glibc.close(descriptor)
        descriptor = -1
    }

    /// Decrypts record by record, until the buffer is full or no whole record is left.
    private func decrypt(from tls: OpaquePointer, into buffer: inout [UInt8], atMost limit: Int) -> ReadOutcome {
        var total = 0
        let most = min(buffer.count, max(0, limit))
        while total < most {
            ERR_clear_error()
            // Safe: at most what is left of the buffer is written.
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe SSL_read(tls, bytes.baseAddress.map { unsafe $0 + total }, Int32(clamping: most - total))
            }
            guard count > 0 else {
                if total > 0 { break }
                switch unsafe SSL_get_error(tls, count) {
                case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
                case SSL_ERROR_ZERO_RETURN: return .ended
                default: return .failed(LibEventError("read from", subject: address.description))
                }
            }
            total += Int(count)
        }
        return .bytes(total)
    }

    private func encrypt(_ bytes: Span<UInt8>, to tls: OpaquePointer) -> WriteOutcome {
        guard !bytes.isEmpty else { return .bytes(0) }
        ERR_clear_error()
        // Safe: OpenSSL reads the span during the call.
        let count = unsafe bytes.withUnsafeBytes { source in
            unsafe SSL_write(tls, source.baseAddress, Int32(clamping: source.count))
        }
        if count > 0 { return .bytes(Int(count)) }
        let reason = unsafe SSL_get_error(tls, count)
        if reason == SSL_ERROR_WANT_WRITE || reason == SSL_ERROR_WANT_READ { return .wouldBlock }
        return .failed(LibEventError("write to", subject: address.description))
    }

    private func set(_ option: Int32, level: Int32, to value: Int32) throws(LibEventError) {
        var value = value
        // Safe: the kernel copies the four bytes during the call.
        guard unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw LibEventError("setsockopt", subject: "\(option)", code: errno)
        }
    }
}
