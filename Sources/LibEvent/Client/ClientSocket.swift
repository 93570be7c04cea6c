// SPDX-License-Identifier: MIT
public import Crypto
import Glibc
public import System

/// One non-blocking client connection (TCP with TCP_NODELAY, or unix), plain or with TLS.
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
        case failed(ClientError)
    }

    /// The result of a write.
    public enum WriteOutcome: Equatable, Sendable {
        /// This many bytes, from the first on, were taken; zero only if there were none.
        case bytes(Int)
        /// The socket's buffer is full. With TLS, the same bytes must be written next.
        case wouldBlock
        /// The connection failed, e.g. was reset. No SIGPIPE is raised.
        case failed(ClientError)
    }

    /// The result of a step of the TLS handshake.
    public enum HandshakeOutcome: Equatable, Sendable {
        /// Both sides have their keys.
        case done
        /// Continue once the socket is ready for this.
        case wants(Readiness)
        /// The handshake failed.
        case failed(ClientError)
    }

    /// The address that it was connected to.
    public let address: ClientAddress
    /// The socket's number, for whoever waits for it; -1 once closed. It still belongs to this object.
    public private(set) var descriptor: Int32
    /// The peer's certificate; nil before the end of the TLS handshake, and without TLS.
    public private(set) var certificate: TLSCertificate?
    /// The TLS side; nil for a connection without TLS.
    private var tls: ClientTLSSession?

    /// Begins to connect. The socket becomes writable when the connection is made or has failed (`connectionError()`).
    ///
    /// - Parameter receiveBufferBytes: SO_RCVBUF, set before connecting so that the window follows it. Default: the
    ///   kernel's choice, which grows with the traffic.
    public init(connectingTo address: ClientAddress, receiveBufferBytes: Int? = nil) throws(SystemError) {
        self.address = address
        let family =
            switch address {
            case .tcp(let host, _): host.contains(":") ? AF_INET6 : AF_INET
            case .unix: AF_UNIX
            }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw SystemError("socket", code: errno) }
        if let receiveBufferBytes {
            try set(SO_RCVBUF, level: SOL_SOCKET, to: Int32(clamping: receiveBufferBytes))
        }
        if case .tcp = address { try set(TCP_NODELAY, level: Int32(IPPROTO_TCP), to: 1) }
        // Safe: the kernel copies the address during the call.
        let connected = unsafe try address.withSocketAddress {
            unsafe connect(descriptor, $0, $1) == 0 || errno == EINPROGRESS
        }
        guard connected else { throw SystemError("connect to", subject: address.description, code: errno) }
    }

    deinit {
        close()
    }

    /// Prepares TLS on an established connection, over which nothing was sent.
    ///
    /// - Parameter host: the subject that the certificate must be for: a name, or an address in digits.
    public func prepareTLS(_ configuration: ClientTLS, host: String) throws(ClientError) {
        guard let session = configuration.makeSession(descriptor, host: host) else {
            throw .handshakeFailed("\"\(host)\" cannot be a certificate's subject")
        }
        tls = session
    }

    /// Continues the TLS handshake that `prepareTLS` has prepared.
    public func continueHandshake() -> HandshakeOutcome {
        guard let tls else { return .done }
        switch tls.handshake() {
        case .done:
            certificate = tls.certificate
            return .done
        case .wantsInput: return .wants(.readable)
        case .wantsOutput: return .wants(.writable)
        case .ended: return .failed(.handshakeFailed("the connection was closed"))
        case .failed(let code, let reason):
            if code != 0 { return .failed(.broken(error("TLS handshake with", code))) }
            return .failed(tls.refusal.map { .notTrusted($0) } ?? .handshakeFailed(reason))
        }
    }

    /// Returns the error for which the connection could not be made or broke, once; nil if there is none.
    public func connectionError() -> SystemError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        // Safe: getsockopt writes at most `length` bytes, the size of `code`.
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
            return SystemError("getsockopt", code: errno)
        }
        return code == 0 ? nil : SystemError("connect to", subject: address.description, code: code)
    }

    /// Reads the bytes that have arrived, at most the buffer's size and at most `limit`, to the buffer's beginning.
    ///
    /// The buffer keeps its size, so that one serves every read: the bytes read are
    /// `buffer.span.extracting(0..<count)`.
    public func read(into buffer: inout [UInt8], atMost limit: Int = .max) -> ReadOutcome {
        unsafe buffer.withUnsafeMutableBytes { bytes in
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(max(0, limit)))
            if let tls { return unsafe outcome(of: tls.read(into: room)) }
            // Safe: recv writes at most the count it is given, the size of the room.
            let count = unsafe recv(descriptor, room.baseAddress, room.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended }
            if errno == EAGAIN || errno == EINTR { return .wouldBlock }
            return .failed(.broken(error("read from", errno)))
        }
    }

    /// True if decrypted bytes, or their end, wait here, which do not make the socket readable.
    var hasDecrypted: Bool { tls?.isReadable ?? false }

    private func outcome(of progress: ClientTLSSession.Progress) -> ReadOutcome {
        switch progress {
        case .done(let count): .bytes(count)
        case .wantsInput, .wantsOutput: .wouldBlock
        case .ended: .ended
        case .failed(0, let reason): .failed(.tlsBroken(reason))
        case .failed(let code, _): .failed(.broken(error("read from", code)))
        }
    }

    /// Writes as many of the bytes as the socket takes now.
    public func write(_ bytes: Span<UInt8>) -> WriteOutcome {
        // Safe: send and OpenSSL read `count` bytes of the span, during the call.
        unsafe bytes.withUnsafeBytes { source in
            if let tls {
                switch unsafe tls.write(source) {
                case .done(let count): return .bytes(count)
                case .wantsInput, .wantsOutput: return .wouldBlock
                case .ended: return .failed(.broken(error("write to", EPIPE)))
                case .failed(0, let reason): return .failed(.tlsBroken(reason))
                case .failed(let code, _): return .failed(.broken(error("write to", code)))
                }
            }
            let count = unsafe send(descriptor, source.baseAddress, source.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            if errno == EAGAIN || errno == EINTR { return .wouldBlock }
            return .failed(.broken(error("write to", errno)))
        }
    }

    /// Ends this side of the connection; the peer's side can still be read.
    public func shutdownWrite() throws(SystemError) {
        guard shutdown(descriptor, Int32(SHUT_WR)) == 0 else { throw SystemError("shutdown", code: errno) }
    }

    /// Closes with RST: unsent and unread bytes are discarded on both sides.
    public func reset() throws(SystemError) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        // Safe: the kernel copies the structure, whose size is given, during the call.
        let size = socklen_t(MemoryLayout.size(ofValue: linger))
        guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size) == 0 else {
            throw SystemError("setsockopt SO_LINGER", code: errno)
        }
        close()
    }

    /// Closes the connection; a second call does nothing.
    public func close() {
        guard descriptor >= 0 else { return }
        tls = nil
        _ = Glibc.close(descriptor)
        descriptor = -1
    }

    private func error(_ operation: String, _ code: Int32) -> SystemError {
        SystemError(operation, subject: address.description, code: code)
    }

    private func set(_ option: Int32, level: Int32, to value: Int32) throws(SystemError) {
        var value = value
        // Safe: the kernel copies the four bytes during the call.
        guard unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemError("setsockopt", subject: "\(option)", code: errno)
        }
    }
}
