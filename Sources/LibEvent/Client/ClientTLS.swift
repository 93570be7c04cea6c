// SPDX-License-Identifier: MIT
internal import COpenSSL
import Crypto
public import System

/// The TLS settings of the connections of a load tool or a test: one version of TLS, and any certificate is accepted.
///
/// Sendable: made once, then only read. For peers that are known by other means; the doctor's connections, which check
/// certificates, use `TLSClient`.
@safe
public final class ClientTLS: @unchecked Sendable {
    /// The only version that is offered.
    public enum Version: Sendable, CaseIterable {
        case tls12
        case tls13

        var number: Int { Int(self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION) }
    }

    private let context: OpaquePointer

    /// - Throws: if memory runs out.
    public init(_ version: Version = .tls13) throws(LibEventError) {
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw LibEventError("SSL_CTX_new") }
        unsafe self.context = context
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, version.number, nil)
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, version.number, nil)
        _ = unsafe SSL_CTX_ctrl(
            context, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER), nil)
    }

    deinit { unsafe SSL_CTX_free(context) }

    /// Returns a connection over `descriptor`, which the caller still owns; nil if memory runs out.
    func makeConnection(_ descriptor: Int32) -> OpaquePointer? {
        guard let connection = unsafe SSL_new(context) else { return nil }
        guard unsafe SSL_set_fd(connection, descriptor) == 1,
            let bio = unsafe SocketBIO.make(RecordSocket(descriptor))
        else {
            unsafe SSL_free(connection)
            return nil
        }
        unsafe SSL_set0_wbio(connection, bio)
        unsafe SSL_set_connect_state(connection)
        return unsafe connection
    }
}
