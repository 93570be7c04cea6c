// SPDX-License-Identifier: MIT
import Crypto
import LibEvent

/// The SHA-256 of a key or token. It identifies the credential, which itself is not kept.
struct CredentialDigest: Sendable, Hashable {
    static let byteCount = 32

    /// The digest as four 8-byte words: a comparison takes four steps and no allocation.
    private let first, second, third, fourth: UInt64

    /// Creates the digest of a credential; nil if OpenSSL has no SHA-256.
    init?(of credential: String) {
        guard let digest = try? Digest.sha256(Array(credential.utf8)) else { return nil }
        self.init(bytes: digest)
    }

    /// Creates a digest from its bytes; nil unless there are 32.
    init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        func word(_ index: Int) -> UInt64 { bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        (first, second, third, fourth) = (word(0), word(1), word(2), word(3))
    }

    /// Creates a digest from 64 hexadecimal digits in either case; nil for any other text.
    init?(hexadecimal text: some StringProtocol) {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == Self.byteCount * 2, !digits.contains(nil) else { return nil }
        let values = digits.compactMap { $0 }
        self.init(bytes: stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) })
    }

    /// The 32 bytes.
    var bytes: [UInt8] {
        [first, second, third, fourth].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    /// The digest as 64 lower-case hexadecimal digits, as in a file of keys.
    var hexadecimal: String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Returns zero if both digests are equal. No branch depends on the bytes, so the time reveals nothing about them.
    @inline(__always)
    func difference(_ other: CredentialDigest) -> UInt64 {
        (first ^ other.first) | (second ^ other.second) | (third ^ other.third) | (fourth ^ other.fourth)
    }
}
