// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc
public import System

/// Makes self-signed certificates, by OpenSSL.
///
/// A device that shall trust such a certificate must be able to install it. iOS and Android install only issuers, so it
/// is one (`CA:TRUE`). Its name constraints (RFC 5280 §4.2.1.10) keep a thief of the key from issuing certificates for
/// anything but the names that it has anyway.
public enum SelfSignedCertificate {
    /// A subject of a certificate.
    public enum Name: Sendable, Hashable {
        /// A name of the Domain Name System: letters, digits, dots, hyphens and underscores.
        case host(String)
        /// An address in digits, without brackets and zone.
        case address(String)
    }

    /// A certificate and its private key, each in PEM.
    public struct Pair: Sendable {
        /// The certificate, which is public.
        public let certificate: [UInt8]
        /// The private key (PKCS #8), not encrypted.
        public let key: [UInt8]
    }

    /// Makes a new key on the curve P-256 and a certificate for `names`.
    ///
    /// - Parameters:
    ///   - names: at least one host and one address: a kind that the constraints do not mention would be unlimited.
    ///   - title: the name that devices show; at most 64 characters (RFC 5280 appendix A.1).
    ///   - begins: the beginning of its validity, in seconds since 1970-01-01 UTC.
    ///   - expires: the end of its validity, in seconds since 1970-01-01 UTC.
    /// - Throws: if OpenSSL refuses; EINVAL for names that are malformed, or all of one kind.
    public static func make(
        for names: [Name], title: String, begins: Int64, expires: Int64
    ) throws(SystemError) -> Pair {
        guard names.allSatisfy(\.isClean), names.contains(where: \.isHost), !names.allSatisfy(\.isHost) else {
            throw SystemError("make a certificate", code: EINVAL)
        }
        guard let key = unsafe makeKey() else { throw SystemError("make a private key") }
        defer { unsafe EVP_PKEY_free(key) }
        guard let certificate = unsafe X509_new() else { throw SystemError("X509_new") }
        defer { unsafe X509_free(certificate) }
        let extensions: [(Int32, String)] = [
            (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
            (NID_key_usage, "critical,digitalSignature,keyCertSign"),
            (NID_ext_key_usage, "serverAuth"),
            (NID_subject_key_identifier, "hash"),
            (NID_subject_alt_name, names.map(\.alternative).joined(separator: ",")),
            (NID_name_constraints, "critical," + names.map(\.constraint).joined(separator: ",")),
        ]
        // Safe: everything set here is copied by the certificate, which this function owns.
        var isMade = unsafe X509_set_version(certificate, 2) == 1 && setSerial(certificate)
        isMade = unsafe isMade && ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(begins)) != nil
        isMade = unsafe isMade && ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(expires)) != nil
        isMade = unsafe isMade && setNames(certificate, title) && X509_set_pubkey(certificate, key) == 1
        for (kind, value) in extensions { isMade = unsafe isMade && add(kind, value, certificate) }
        guard isMade, unsafe X509_sign(certificate, key, EVP_sha256()) > 0 else {
            ERR_clear_error()
            throw SystemError("make a certificate")
        }
        return unsafe Pair(
            certificate: try pem { unsafe PEM_write_bio_X509($0, certificate) },
            key: try pem { unsafe PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) })
    }

    private static func makeKey() -> OpaquePointer? {
        let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            unsafe EVP_PKEY_keygen(context, &key) == 1
        else { return nil }
        return unsafe key
    }

    /// Sets 128 random bits as the serial number: Firefox refuses two certificates of one issuer with the same number.
    private static func setSerial(_ certificate: OpaquePointer) -> Bool {
        let bytes = RandomBytes.make(16)
        let number = unsafe BN_bin2bn(bytes, Int32(bytes.count), nil)
        defer { unsafe BN_free(number) }
        return unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
    }

    private static func setNames(_ certificate: OpaquePointer, _ title: String) -> Bool {
        let name = unsafe X509_get_subject_name(certificate)
        let bytes = Array(title.utf8)
        let isSet = unsafe X509_NAME_add_entry_by_NID(
            name, NID_commonName, MBSTRING_FLAG, bytes, Int32(clamping: bytes.count), -1, 0)
        return unsafe isSet == 1 && X509_set_issuer_name(certificate, name) == 1
    }

    private static func add(_ kind: Int32, _ value: String, _ certificate: OpaquePointer) -> Bool {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, certificate, certificate, nil, nil, 0)
        let made = unsafe X509V3_EXT_nconf_nid(nil, &context, kind, value)
        defer { unsafe X509_EXTENSION_free(made) }
        return unsafe made != nil && X509_add_ext(certificate, made, -1) == 1
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) throws(SystemError) -> [UInt8] {
        guard let memory = unsafe BIO_new(BIO_s_mem()) else { throw SystemError("BIO_new") }
        defer { _ = unsafe BIO_free(memory) }
        guard unsafe write(memory) == 1 else { throw SystemError("write PEM") }
        // A certificate with a hundred names has 8 KiB.
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        // Safe: at most the array's size is read.
        let count = unsafe BIO_read(memory, &bytes, Int32(bytes.count))
        guard count > 0, unsafe BIO_ctrl(memory, BIO_CTRL_PENDING, 0, nil) == 0 else {
            throw SystemError("read PEM")
        }
        return Array(bytes.prefix(Int(count)))
    }
}

extension SelfSignedCertificate.Name {
    fileprivate var isHost: Bool { if case .host = self { true } else { false } }

    /// True if the name is well-formed. OpenSSL takes its extensions as text, in which a comma begins the next name.
    fileprivate var isClean: Bool {
        switch self {
        case .host(let name):
            (1...253).contains(name.utf8.count)
                && name.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                        UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        case .address(let digits): ClientAddress.tcp(host: digits, port: 0).isNumeric
        }
    }

    fileprivate var alternative: String {
        switch self {
        case .host(let name): "DNS:\(name)"
        case .address(let digits): "IP:\(digits)"
        }
    }

    /// The name as a constraint. An address is a network of one.
    fileprivate var constraint: String {
        switch self {
        case .host(let name): "permitted;DNS:\(name)"
        case .address(let digits) where digits.contains(":"):
            "permitted;IP:\(digits)/\(Array(repeating: "ffff", count: 8).joined(separator: ":"))"
        case .address(let digits): "permitted;IP:\(digits)/255.255.255.255"
        }
    }
}
