// SPDX-License-Identifier: MIT
public import COpenSSL
import Glibc
import System

/// Reads fields of OpenSSL's certificates.
public enum CertificateFields {
    /// Returns a certificate's time in seconds since 1970-01-01 UTC; 0 if it cannot be read.
    public static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var fields = unsafe tm()
        // Safe: the time belongs to its certificate, and is written to a structure of our own.
        guard unsafe ASN1_TIME_to_tm(time, &fields) == 1 else { return 0 }
        return unsafe Int64(timegm(&fields))
    }

    /// Returns the alternative names of a certificate that are DNS names or addresses (RFC 5280 section 4.2.1.6).
    static func names(of certificate: OpaquePointer) -> [String] {
        let names = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
        guard let names = OpaquePointer(names) else { return [] }
        defer { unsafe GENERAL_NAMES_free(names) }
        return unsafe (0..<evrelay_name_count(names)).compactMap { index in
            if let name = unsafe evrelay_dns_name(names, index) {
                return unsafe String(validating: bytes(name), as: UTF8.self)
            }
            return unsafe evrelay_ip_address(names, index).flatMap { unsafe SocketAddress.text(ofHost: bytes($0)) }
        }
    }

    /// Returns the SHA-256 of a certificate as browsers show it.
    static func fingerprint(of certificate: OpaquePointer) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard unsafe X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else { return "" }
        return digest.prefix(Int(count)).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 2 ? digits : "0" + digits
        }.joined(separator: ":")
    }

    private static func bytes(_ string: UnsafePointer<ASN1_STRING>) -> [UInt8] {
        let count = unsafe Int(ASN1_STRING_length(string))
        return unsafe Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: max(0, count)))
    }
}
