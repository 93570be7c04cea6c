// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

/// A certificate with the chain behind it, and the private key that belongs to it.
///
/// Sendable: immutable. Owns what OpenSSL has made of the files.
@safe
public final class TLSPair: @unchecked Sendable {
    /// The names that the certificate is for: DNS names and addresses, as they stand in it.
    public let names: [String]
    /// When its time begins, in seconds since 1970-01-01 UTC.
    public let begins: Int64
    /// When its time ends, in seconds since 1970-01-01 UTC.
    public let expires: Int64
    /// SHA-256 of the certificate in upper-case hexadecimal digits, two by two between colons, as browsers show it.
    public let fingerprint: String

    let certificate: OpaquePointer
    private(set) var chain: [Certificate] = []
    let key: OpaquePointer

    /// A C object in a Swift collection.
    @safe
    struct Certificate {
        let pointer: OpaquePointer
    }

    /// More than any real chain has.
    private static let maxChain = 16

    /// Reads a pair and checks that its halves belong together.
    ///
    /// - Parameters:
    ///   - certificate: PEM: the certificate first, then those that signed each other up to, but without, the root.
    ///   - key: PEM: the private key, not encrypted.
    /// - Throws: with the half that is at fault.
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

    /// True if the certificate is for `host`, a name in any case.
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
        // The end of the file is an error to OpenSSL, too.
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

/// OpenSSL would ask the terminal otherwise.
private func noPassphrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { -1 }
