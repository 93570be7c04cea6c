// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc

/// A server's certificate, with the result of this machine's check of it.
public struct TLSCertificate: Equatable, Sendable {
    /// The reason why a certificate is not trusted.
    public enum Problem: Equatable, Sendable {
        /// It has expired.
        case expired
        /// It is not valid yet.
        case notYetValid
        /// It is self-signed and not among those that this machine trusts.
        case selfSigned
        /// No chain leads from it to an issuer that this machine trusts.
        case unknownIssuer
        /// It was issued for other names.
        case wrongName
        /// Any other reason, in OpenSSL's words.
        case other(String)

        /// Creates the problem for a result of OpenSSL's verification; nil if there is none.
        init?(verification code: Int) {
            switch Int32(truncatingIfNeeded: code) {
            case X509_V_OK: return nil
            case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
            case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
            case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: self = .selfSigned
            case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
                X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
                self = .unknownIssuer
            case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .wrongName
            default: self = .other(unsafe String(cString: X509_verify_cert_error_string(code)))
            }
        }
    }

    /// The end of its validity, in seconds since 1970-01-01 UTC.
    public let expires: Int64
    /// The reason why it is not trusted; nil if it is.
    public let problem: Problem?

    /// Reads a server's certificate, which its owner keeps.
    init(reading certificate: OpaquePointer, verification code: Int) {
        expires = unsafe CertificateFields.seconds(X509_get0_notAfter(certificate))
        problem = Problem(verification: code)
    }

    /// Creates a value without a certificate, for tests.
    public init(expires: Int64, problem: Problem?) {
        self.expires = expires
        self.problem = problem
    }
}
