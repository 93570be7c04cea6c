// SPDX-License-Identifier: MIT
internal import CLibEvent

/// Codes by which whoever has a key recognizes what was written with the same key, by OpenSSL. Safe to call from any
/// thread.
public enum MessageAuthentication {
    /// HMAC-SHA256 (RFC 2104, RFC 6234), 32 bytes; the key may have any length.
    /// - Throws: where OpenSSL has none.
    public static func hmacSHA256(key: [UInt8], message: [UInt8]) throws(LibEventError) -> [UInt8] {
        // Room for the longest there is.
        var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard let keyLength = Int32(exactly: key.count) else { throw LibEventError("HMAC", subject: "SHA-256") }
        // Safe: HMAC reads as many bytes as it is told, and writes at most EVP_MAX_MD_SIZE. An empty key needs an
        // address too: for OpenSSL none means the key of the call before.
        let result = unsafe HMAC(
            EVP_sha256(), key.isEmpty ? [0] : key, keyLength, message, message.count, &code, &length)
        guard unsafe result != nil, length == 32 else { throw LibEventError("HMAC", subject: "SHA-256") }
        return Array(code.prefix(32))
    }

    /// Are these the same bytes? The time tells nothing of where they differ, only whether their lengths do.
    public static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        // Safe: CRYPTO_memcmp reads as many bytes of each as it is told.
        unsafe left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
