// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System
import WireFormat

/// The secret that links are signed with.
///
/// Its description shows the length alone.
struct TokenSecret: Sendable, CustomStringConvertible {
    /// The accepted length, in bytes. RFC 7518 §3.2 requires at least that of the hash.
    static let acceptedBytes = 32...4096
    /// The largest accepted file, in bytes: a secret and its line end, which may be CRLF.
    static let maxFileBytes = acceptedBytes.upperBound + 2

    private let bytes: [UInt8]
    /// Identifies the secret, but cannot be used to sign.
    let fingerprint: CredentialDigest

    /// Reads the secret from a file's bytes, without one line end at their end.
    /// - Parameter path: named in errors.
    init(_ bytes: [UInt8], path: String) throws(ConfigurationError) {
        var secret = bytes[...]
        if secret.last == UInt8(ascii: "\n") {
            secret = secret.dropLast()
            if secret.last == UInt8(ascii: "\r") { secret = secret.dropLast() }
        }
        func failure(_ reason: String) -> ConfigurationError {
            .unusableSecret(flag: Setting.tokenSecret.flag, path: path, reason: reason)
        }
        guard Self.acceptedBytes.contains(secret.count) else {
            throw failure(
                "the secret has \(secret.count) bytes; accepted: \(Self.acceptedBytes.lowerBound) to "
                    + "\(Self.acceptedBytes.upperBound), as 'evrelay secret' makes them")
        }
        self.bytes = Array(secret)
        let code = try? MessageAuthentication.hmacSHA256(key: self.bytes, message: Array("evrelay secret".utf8))
        guard let fingerprint = code.flatMap({ CredentialDigest(bytes: $0) }) else {
            throw failure("this system's OpenSSL has no SHA-256")
        }
        self.fingerprint = fingerprint
    }

    /// Returns a new random secret as base64url text, from as many bytes as the signature's hash has.
    static func make() -> String { Base64URL.encode(RandomBytes.make(acceptedBytes.lowerBound)) }

    /// Returns the HS256 signature (RFC 7518 §3.2) of `input`.
    func signature(of input: [UInt8]) throws(SystemError) -> [UInt8] {
        try MessageAuthentication.hmacSHA256(key: bytes, message: input)
    }

    /// Returns a signed token with `claims`.
    func sign(_ claims: TokenClaims) throws(SystemError) -> String {
        let header = JSONText.object { json in
            json.member("alg", TokenVerifier.algorithm)
            json.member("typ", TokenVerifier.type)
        }
        let input = JSONWebToken.signingInput(header: header, claims: claims.json)
        return JSONWebToken.compact(signingInput: input, signature: try signature(of: input))
    }

    var description: String { "a secret of \(bytes.count) bytes" }
}
