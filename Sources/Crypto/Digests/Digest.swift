// SPDX-License-Identifier: MIT
internal import COpenSSL
public import System
import WireFormat

/// Digests and their texts, by OpenSSL. Safe to call from any thread.
public enum Digest {
    /// Returns Sec-WebSocket-Accept for a client's Sec-WebSocket-Key (RFC 6455 §4.2.2): base64 of a SHA-1, 28
    /// characters.
    /// - Throws: if OpenSSL has no SHA-1, which a system-wide policy can switch off.
    public static func webSocketAccept(key: String) throws(SystemError) -> String {
        base64(try sha1(Array((key + WebSocketHandshake.acceptSuffix).utf8)))
    }

    /// Returns base64 with its padding (RFC 4648 §4).
    public static func base64(_ bytes: [UInt8]) -> String {
        // Four characters for every three bytes, and a zero.
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        // Safe: EVP_EncodeBlock reads the bytes and writes the text with a zero after it, which is the array's size.
        let count = unsafe EVP_EncodeBlock(&text, bytes, Int32(clamping: bytes.count))
        return String(decoding: text.prefix(Int(max(0, count))), as: UTF8.self)
    }

    /// Returns a SHA-256, 32 bytes.
    /// - Throws: if OpenSSL has none.
    public static func sha256(_ bytes: [UInt8]) throws(SystemError) -> [UInt8] {
        try unsafe digest(bytes, EVP_sha256(), count: 32, name: "SHA-256")
    }

    private static func sha1(_ bytes: [UInt8]) throws(SystemError) -> [UInt8] {
        try unsafe digest(bytes, EVP_sha1(), count: 20, name: "SHA-1")
    }

    private static func digest(
        _ bytes: [UInt8], _ kind: OpaquePointer?, count: Int, name: String
    ) throws(SystemError) -> [UInt8] {
        // Room for the longest digest, whatever `kind` may be.
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        // Safe: EVP_Digest reads as many bytes as it is told, and writes at most EVP_MAX_MD_SIZE.
        let isDone = unsafe EVP_Digest(bytes, bytes.count, &digest, &length, kind, nil)
        guard isDone == 1, length == count else { throw SystemError("EVP_Digest", subject: name) }
        return Array(digest.prefix(count))
    }
}
