// SPDX-License-Identifier: MIT
internal import CLibEvent
import WireFormat

/// Digests by OpenSSL. Safe to call from any thread.
public enum Digest {
    /// Sec-WebSocket-Accept for a client's Sec-WebSocket-Key (RFC 6455 §4.2.2): base64 of a SHA-1, 28 characters.
    /// - Throws: where OpenSSL has no SHA-1, as a system-wide policy can have it.
    public static func webSocketAccept(key: String) throws(LibEventError) -> String {
        let digest = try sha1(Array((key + WebSocketHandshake.acceptSuffix).utf8))
        // Four characters for every three bytes, and a zero.
        var text = [UInt8](repeating: 0, count: (digest.count + 2) / 3 * 4 + 1)
        // Safe: EVP_EncodeBlock reads the digest and writes the text with a zero behind, which is the array's size.
        let count = unsafe EVP_EncodeBlock(&text, digest, Int32(digest.count))
        return String(decoding: text.prefix(Int(max(0, count))), as: UTF8.self)
    }

    private static func sha1(_ bytes: [UInt8]) throws(LibEventError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 20)
        var length: UInt32 = 0
        // Safe: EVP_Digest reads as many bytes as it is told, and writes the 20 that SHA-1 has.
        let isDone = unsafe EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha1(), nil)
        guard isDone == 1, length == 20 else { throw LibEventError("EVP_Digest", subject: "SHA-1") }
        return digest
    }
}
