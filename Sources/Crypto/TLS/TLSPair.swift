// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc

/// A certificate with its chain, and the private key that belongs to it.
///
/// Sendable: immutable. Owns the objects that OpenSSL has made of the files.
@safe
public final class TLSPair: @unchecked Sendable {
    /// The names that the certificate is for: DNS names and addresses, as written in it.
    public let names: [String]
    /// The beginning of its validity, in seconds since 1970-01-01 UTC.
    public let begins: Int64
    /// The end of its validity, in seconds since 1970-01-01 UTC.
    public let expires: Int64
    /// The SHA-256 of the certificate: upper-case hexadecimal digits in pairs with colons between, as browsers show it.
    public let fingerprint: String

    let certificate: OpaquePointer
    private(set) var chain: [Certificate] = []
    let key: OpaquePointer

    /// A C object in a Swift collection.
    @safe
    struct Certificate {
        let pointer: OpaquePointer
    }

    /// The most certificates read from a file; more than any real chain has.
    private static let maxChain = 16

    /// Reads a pair and checks that its halves belong together.
    ///
    /// - Parameters:
    ///   - certificate: in PEM: the certificate first, then that of each issuer up to, but without, the root.
    ///   - key: in PEM: the private key, not encrypted.
    /// - Throws: an error that names the half at fault.
    public init(certificate: [UInt8], key: [UInt8]) throws(TLSError) {
        var certificates = try Self.certificates(certificate)
        guard let leaf = certificates.first else {
            throw .openSSL(.certificate, "no certificate in PEM")
        }
        certificates.removeFirst()
        guard let loaded = unsafe Self.key(key) else {
            for entry in [leaf] + certificates { unsafe X509_free(entry.pointer) }
            throw .openSSL(.key, "no private key in PEM, or one with a passphrase")
        }
        unsafe self.certificate = leaf.pointer
        chain = certificates
        unsafe self.key = loaded
        names = unsafe CertificateFields.names(of: leaf.pointer)
        begins = unsafe CertificateFields.seconds(X509_get0_notBefore(leaf.pointer))
        expires = unsafe CertificateFields.seconds(X509_get0_notAfter(leaf.pointer))
        fingerprint = unsafe CertificateFields.fingerprint(of: leaf.pointer)
        // From here on deinit frees them.
        guard unsafe X509_check_private_key(leaf.pointer, loaded) == 1 else {
            ERR_clear_error()
            throw TLSError(.key, "it does not belong to the certificate")
        }
    }

    deinit {
        unsafe X509_free(certificate)
        for entry in chain { unsafe X509_free(entry.pointer) }
        unsafe EVP_PKEY_free(key)
    }

    /// Returns true if the certificate is for `host`, a name in upper or lower case.
    func isFor(_ host: UnsafePointer<CChar>) -> Bool {
        unsafe X509_check_host(certificate, host, 0, 0, nil) == 1
    }

    private static func certificates(_ pem: [UInt8]) throws(TLSError) -> [Certificate] {
        var found: [Certificate] = []
        unsafe withBIO(pem) { bio in
            while found.count < maxChain,
                let certificate = unsafe PEM_read_bio_X509(bio, nil, noPassphrase, nil)
            {
                unsafe found.append(Certificate(pointer: certificate))
            }
        }
        if found.isEmpty || found.count == maxChain { return found }
        // OpenSSL reports the end of the file as an error, too.
        guard ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE else {
            for entry in found { unsafe X509_free(entry.pointer) }
            throw .openSSL(.certificate, "certificate \(found.count + 1) of its chain is damaged")
        }
        ERR_clear_error()
        return found
    }

    private static func key(_ pem: [UInt8]) -> OpaquePointer? {
        unsafe withBIO(pem) { bio in unsafe PEM_read_bio_PrivateKey(bio, nil, noPassphrase, nil) }
    }

    private static func withBIO<Result>(_ bytes: [UInt8], _ body: (OpaquePointer?) -> Result) -> Result {
        ERR_clear_error()
        return unsafe bytes.withUnsafeBytes { source in
            // Safe: it only reads, and is gone before the bytes are.
            let bio = unsafe BIO_new_mem_buf(source.baseAddress, Int32(clamping: source.count))
            defer { _ = unsafe BIO_free(bio) }
            return unsafe body(bio)
        }
    }
}

/// Refuses to give a passphrase, which OpenSSL would otherwise ask for on the terminal.
private func noPassphrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { -1 }
