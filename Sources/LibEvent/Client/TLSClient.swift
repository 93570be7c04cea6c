// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc
import System

/// The client's end of a TLS connection, by OpenSSL: turns plain bytes into bytes for the socket and back. It has no
/// socket of its own, so that OpenSSL neither blocks nor raises SIGPIPE.
///
/// Confined to one thread. Owns the SSL object with its two queues, and the context it was made from.
@safe final class TLSClient {
    /// The result of a step.
    enum Progress {
        case done
        /// More bytes of the peer are needed.
        case wantsMore
        /// The peer has ended its side with a close_notify.
        case ended
        case failed(String)
    }

    private let context: OpaquePointer
    private let connection: OpaquePointer
    /// The queue of bytes from the peer; belongs to `connection`.
    private let input: OpaquePointer
    /// The queue of bytes for the peer; belongs to `connection`.
    private let output: OpaquePointer
    private var piece = [UInt8](repeating: 0, count: 16_384)

    /// Prepares a handshake with TLS 1.2 or newer.
    ///
    /// - Parameters:
    ///   - host: the subject that the certificate must be for: a name, or an address in digits.
    ///   - trustFile: the trusted certificates in PEM; nil for the system's (SSL_CERT_FILE changes that).
    init(host: String, trustFile: String?) throws(ClientError) {
        ERR_clear_error()
        let context = unsafe SSL_CTX_new(TLS_client_method())
        let connection = unsafe SSL_new(context)
        let input = unsafe BIO_new(BIO_s_mem())
        let output = unsafe BIO_new(BIO_s_mem())
        guard let context = unsafe context, let connection = unsafe connection, let input = unsafe input,
            let output = unsafe output
        else {
            // Each of these does nothing for nil.
            _ = unsafe BIO_free(input)
            _ = unsafe BIO_free(output)
            unsafe SSL_free(connection)
            unsafe SSL_CTX_free(context)
            throw Self.failure()
        }
        // From here on deinit frees them; the queues belong to the connection.
        unsafe self.context = context
        unsafe self.connection = connection
        unsafe (self.input, self.output) = (input, output)
        unsafe SSL_set_bio(connection, input, output)
        try configure(host: host, trustFile: trustFile)
    }

    deinit {
        unsafe SSL_free(connection)
        unsafe SSL_CTX_free(context)
    }

    private func configure(host: String, trustFile: String?) throws(ClientError) {
        let isTrusting =
            if let trustFile { unsafe SSL_CTX_load_verify_file(context, trustFile) == 1 } else {
                unsafe SSL_CTX_set_default_verify_paths(context) == 1
            }
        guard isTrusting else { throw Self.failure() }
        // OpenSSL's functions for this are macros, which Swift does not see; these are their definitions.
        _ = unsafe SSL_ctrl(connection, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        let parameters = unsafe SSL_get0_param(connection)
        if ClientAddress.tcp(host: host, port: 0).isNumeric {
            guard unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 else { throw Self.failure() }
        } else {
            guard unsafe SSL_set1_host(connection, host) == 1 else { throw Self.failure() }
            // RFC 6066 §3: names only. Safe: OpenSSL copies the name during the call.
            var name = Array(host.utf8CString)
            _ = unsafe name.withUnsafeMutableBytes { bytes in
                unsafe SSL_ctrl(
                    connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), bytes.baseAddress)
            }
        }
        // The chain is checked all the same. The handshake continues, so that the certificate can be inspected.
        unsafe SSL_set_verify(connection, SSL_VERIFY_NONE, nil)
        unsafe SSL_set_connect_state(connection)
    }

    /// Continues the handshake.
    func handshake() -> Progress {
        ERR_clear_error()
        return progress(of: unsafe SSL_do_handshake(connection))
    }

    /// Returns the peer's certificate once the handshake is done; nil if there is none.
    func certificate() -> TLSCertificate? {
        guard let certificate = unsafe SSL_get1_peer_certificate(connection) else { return nil }
        defer { unsafe X509_free(certificate) }
        return unsafe TLSCertificate(reading: certificate, verification: SSL_get_verify_result(connection))
    }

    /// Adds bytes that came from the peer to the input.
    func feed(_ bytes: Span<UInt8>) {
        // Safe: the queue copies the bytes during the call; it grows as it must.
        unsafe bytes.withUnsafeBytes { source in
            _ = unsafe BIO_write(input, source.baseAddress, Int32(clamping: source.count))
        }
    }

    /// Returns the bytes to be sent to the peer now, and removes them from the output.
    func takeOutput() -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            // Safe: at most the piece's size is written.
            let count = unsafe BIO_read(output, &piece, Int32(piece.count))
            guard count > 0 else { return bytes }
            bytes += piece.prefix(Int(count))
        }
    }

    /// Encrypts `bytes` into records for `takeOutput`.
    func write(_ bytes: [UInt8]) -> Progress {
        guard !bytes.isEmpty else { return .done }
        ERR_clear_error()
        // Safe: OpenSSL reads the bytes during the call; the output queue takes all of them.
        return progress(of: unsafe SSL_write(connection, bytes, Int32(clamping: bytes.count)))
    }

    /// Appends decrypted bytes of the peer to `bytes`; `.done` if there were any.
    func read(into bytes: inout [UInt8]) -> Progress {
        ERR_clear_error()
        // Safe: at most the piece's size is written.
        let count = unsafe SSL_read(connection, &piece, Int32(piece.count))
        if count > 0 { bytes += piece.prefix(Int(count)) }
        return progress(of: count)
    }

    private func progress(of code: Int32) -> Progress {
        if code > 0 { return .done }
        switch unsafe SSL_get_error(connection, code) {
        case SSL_ERROR_WANT_READ: return .wantsMore
        case SSL_ERROR_ZERO_RETURN: return .ended
        default: return .failed(Self.reason())
        }
    }

    private static func failure() -> ClientError { .handshakeFailed(reason()) }

    /// Returns OpenSSL's text for the first error of this thread's queue.
    private static func reason() -> String {
        let code = ERR_get_error()
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "unknown error" }
        return unsafe String(cString: text)
    }
}
