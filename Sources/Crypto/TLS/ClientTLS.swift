// SPDX-License-Identifier: MIT
internal import COpenSSL
public import System

/// The TLS settings of a client's connections: versions, and whose certificates are trusted.
///
/// Sendable: made once, then only read. Reading the system's certificates takes milliseconds, so that one object serves
/// all connections of a kind.
@safe
public final class ClientTLS: @unchecked Sendable {
    /// The only version that is offered.
    public enum Version: Sendable, CaseIterable {
        case tls12
        case tls13

        var number: Int { Int(self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION) }
    }

    /// The treatment of the peer's certificate.
    public enum Trust: Equatable, Sendable {
        /// Any certificate is accepted and none is checked: for peers that are known by other means.
        case anyone
        /// The certificate is checked, and the result reported (`TLSCertificate.problem`). A connection with a problem
        /// is made all the same; its owner decides what to send.
        case reported(Issuers)
        /// The certificate is checked, and a problem ends the handshake (`ClientError.notTrusted`).
        case required(Issuers)
    }

    /// The certificates of the trusted issuers.
    public enum Issuers: Equatable, Sendable {
        /// The system's; the variable SSL_CERT_FILE changes them.
        case system
        /// Those of a file in PEM.
        case file(String)
    }

    private let context: OpaquePointer

    /// - Parameter version: the only version; nil for TLS 1.2 and newer.
    /// - Throws: if the trusted certificates cannot be read or memory runs out.
    public init(_ version: Version? = nil, trusting trust: Trust) throws(SystemError) {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw SystemError("SSL_CTX_new") }
        unsafe self.context = context
        let oldest = version ?? .tls12
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, oldest.number, nil)
        if let version { _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, version.number, nil) }
        _ = unsafe SSL_CTX_ctrl(
            context, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER), nil)
        switch trust {
        case .anyone: break
        case .reported(let issuers): try load(issuers)
        case .required(let issuers):
            try load(issuers)
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        }
    }

    deinit { unsafe SSL_CTX_free(context) }

    private func load(_ issuers: Issuers) throws(SystemError) {
        switch issuers {
        case .system:
            guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
                throw SystemError("read the system's certificates")
            }
        case .file(let path):
            guard unsafe SSL_CTX_load_verify_file(context, path) == 1 else {
                throw SystemError("read the certificates of", subject: path)
            }
        }
    }

    /// Prepares a handshake over `descriptor`, which the caller still owns; nil if memory runs out or `host` cannot be a
    /// subject.
    ///
    /// - Parameter host: the subject that the certificate must be for: a name, or an address in digits.
    public func makeSession(_ descriptor: Int32, host: String) -> ClientTLSSession? {
        ERR_clear_error()
        guard let connection = unsafe SSL_new(context) else { return nil }
        guard unsafe SSL_set_fd(connection, descriptor) == 1,
            let bio = unsafe SocketBIO.make(RecordSocket(descriptor))
        else {
            unsafe SSL_free(connection)
            return nil
        }
        unsafe SSL_set0_wbio(connection, bio)
        unsafe SSL_set_connect_state(connection)
        let session = unsafe ClientTLSSession(connection, keeping: self)
        return session.name(host) ? session : nil
    }
}
