// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc

/// The client's end of one TLS connection over a non-blocking socket, by OpenSSL. It writes through a `RecordSocket`, so
/// that a peer that is gone raises no SIGPIPE.
///
/// Confined to one thread. Owns the SSL object, and not the socket.
@safe public final class ClientTLSSession {
    /// The result of a step.
    public enum Progress: Equatable, Sendable {
        /// The step is done; for reads and writes, with this many bytes.
        case done(Int)
        /// The socket has nothing to read now.
        case wantsInput
        /// The socket takes no bytes now. A write must be repeated with the same bytes.
        case wantsOutput
        /// The peer has ended its side, with a close_notify or without one: HTTP's framing shows what is missing.
        case ended
        /// The system's error; 0 if the error is OpenSSL's own, with its reason.
        case failed(code: Int32, reason: String)
    }

    private let connection: OpaquePointer
    private let context: ClientTLS
    /// The end that a read has found after other bytes, for the reads that follow.
    private var end: Progress?

    /// Takes over the SSL object.
    init(_ connection: OpaquePointer, keeping context: ClientTLS) {
        unsafe self.connection = connection
        self.context = context
    }

    deinit { unsafe SSL_free(connection) }

    /// Sets the subject of the peer's certificate. False if OpenSSL does not accept it.
    func name(_ host: String) -> Bool {
        // Fails for anything but an address in digits.
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host) == 1 { return true }
        guard unsafe SSL_set1_host(connection, host) == 1 else { return false }
        // RFC 6066 section 3: names only. Safe: OpenSSL copies the name during the call. The function is a macro, which
        // Swift does not see; this is its definition.
        var name = Array(host.utf8CString)
        return unsafe name.withUnsafeMutableBytes { bytes in
            unsafe SSL_ctrl(
                connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), bytes.baseAddress) == 1
        }
    }

    /// Continues the handshake.
    public func handshake() -> Progress {
        prepare()
        let code = unsafe SSL_do_handshake(connection)
        return code == 1 ? .done(0) : progress(of: code)
    }

    /// The peer's certificate, with the result of its check; nil before the end of the handshake, or if there is none.
    public var certificate: TLSCertificate? {
        guard let certificate = unsafe SSL_get1_peer_certificate(connection) else { return nil }
        defer { unsafe X509_free(certificate) }
        return unsafe TLSCertificate(reading: certificate, verification: SSL_get_verify_result(connection))
    }

    /// The reason why the check of the peer's certificate ended the handshake; nil if it did not.
    public var refusal: TLSCertificate.Problem? {
        guard unsafe SSL_get_verify_mode(connection) == SSL_VERIFY_PEER else { return nil }
        return unsafe TLSCertificate.Problem(verification: SSL_get_verify_result(connection))
    }

    /// True if decrypted bytes, or the end, wait here, of which the socket knows nothing.
    public var isReadable: Bool { unsafe end != nil || SSL_pending(connection) > 0 }

    /// Decrypts record by record into `buffer`, until it is full or no whole record is left.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> Progress {
        if let end { return end }
        var total = 0
        while total < buffer.count {
            prepare()
            // Safe: at most what is left of the buffer is written.
            let count = unsafe SSL_read(
                connection, buffer.baseAddress.map { unsafe $0 + total }, Int32(clamping: buffer.count - total))
            guard count > 0 else {
                let progress = progress(of: count)
                guard total > 0 else { return progress }
                if progress != .wantsInput, progress != .wantsOutput { end = progress }
                break
            }
            total += Int(count)
        }
        return .done(total)
    }

    /// Encrypts and writes bytes, as many as the socket takes; all of them, or the same bytes are to be written again.
    public func write(_ bytes: UnsafeRawBufferPointer) -> Progress {
        guard unsafe !bytes.isEmpty else { return .done(0) }
        prepare()
        // Safe: OpenSSL reads the bytes during the call.
        let count = unsafe SSL_write(connection, bytes.baseAddress, Int32(clamping: bytes.count))
        return count > 0 ? .done(Int(count)) : progress(of: count)
    }

    private func prepare() {
        ERR_clear_error()
        errno = 0
    }

    private func progress(of code: Int32) -> Progress {
        let systemError = errno
        switch unsafe SSL_get_error(connection, code) {
        case SSL_ERROR_WANT_READ: return .wantsInput
        case SSL_ERROR_WANT_WRITE: return .wantsOutput
        case SSL_ERROR_ZERO_RETURN: return .ended
        case SSL_ERROR_SYSCALL where systemError != 0: return .failed(code: systemError, reason: "")
        case SSL_ERROR_SYSCALL: return .ended
        default:
            // The peer's bare end of data, which OpenSSL 3 reports as an error.
            let error = ERR_peek_error()
            if ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING { return .ended }
            return .failed(code: 0, reason: Self.text(of: error))
        }
    }

    private static func text(of error: UInt) -> String {
        guard error != 0, let text = unsafe ERR_reason_error_string(error) else { return "unknown error" }
        return unsafe String(cString: text)
    }
}
