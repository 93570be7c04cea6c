// SPDX-License-Identifier: MIT
internal import COpenSSL
public import System

/// Codes that show the holder of a key that a message was written with the same key, by OpenSSL. Safe to call from any
/// thread.
public enum MessageAuthentication {
    /// Returns the HMAC-SHA256 of `message` (RFC 2104, RFC 6234), 32 bytes; the key may have any length.
    /// - Throws: if OpenSSL has none.
    public static func hmacSHA256(key: [UInt8], message: [UInt8]) throws(SystemError) -> [UInt8] {
        // Room for the longest code.
        var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard let keyLength = Int32(exactly: key.count) else { throw SystemError("HMAC", subject: "SHA-256") }
        // Safe: HMAC reads as many bytes as it is told, and writes at most EVP_MAX_MD_SIZE. An empty key needs an
        // address too: for OpenSSL none means the key of the call before.
        let result = unsafe HMAC(
            EVP_sha256(), key.isEmpty ? [0] : key, keyLength, message, message.count, &code, &length)
        guard unsafe result != nil, length == 32 else { throw SystemError("HMAC", subject: "SHA-256") }
        return Array(code.prefix(32))
    }

    /// Returns true if both are the same bytes. The time that it takes shows whether their lengths differ, but not
    /// where the bytes do.
    public static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        // Safe: CRYPTO_memcmp reads as many bytes of each as it is told.
        unsafe left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
