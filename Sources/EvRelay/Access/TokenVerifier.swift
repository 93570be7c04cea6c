// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System
import WireFormat

/// Verifies signed links: JSON Web Tokens (RFC 7515, RFC 7519) with HS256 only, whatever their header asks for.
struct TokenVerifier: Sendable {
    static let algorithm = "HS256"
    static let type = "JWT"
    /// The longest accepted token, in bytes.
    static let maxTokenBytes = 4096
    private static let maxDepth = 8

    /// The secret that tokens are signed with.
    let secret: TokenSecret
    /// The accepted difference from the clock of a link's signer.
    let leeway: Duration

    /// Returns the claims of a token that is valid now. The claims are read only after the signature has been checked.
    func verify(_ token: String, nowMicroseconds: Int64) throws(TokenError) -> TokenClaims {
        let read: JSONWebToken
        do throws(JSONWebTokenError) {
            read = try JSONWebToken(token.utf8.span, maxBytes: Self.maxTokenBytes, maxDepth: Self.maxDepth)
        } catch {
            throw .malformed(error)
        }
        try Self.check(read.header)
        guard let code = try? secret.signature(of: read.signingInput),
            MessageAuthentication.isSame(code, read.signature)
        else { throw .wrongSignature }
        let object: JSONObject
        do throws(JSONWebTokenError) { object = try read.claims() } catch { throw .badClaim(error.message) }
        let claims = try TokenClaims(object)
        guard !hasExpired(claims.expiresMicroseconds, nowMicroseconds) else { throw .expired }
        if let begins = claims.beginsMicroseconds, nowMicroseconds < begins - leewayMicroseconds { throw .notYetValid }
        return claims
    }

    /// Returns true from a token's expiry plus the leeway on.
    func hasExpired(_ expiresMicroseconds: Int64, _ nowMicroseconds: Int64) -> Bool {
        nowMicroseconds >= end(expiresMicroseconds)
    }

    /// Returns the time when a request with a token ends, in microseconds since 1970: the expiry plus the leeway.
    func end(_ expiresMicroseconds: Int64) -> Int64 {
        let (end, overflow) = expiresMicroseconds.addingReportingOverflow(leewayMicroseconds)
        return overflow ? .max : end
    }

    private var leewayMicroseconds: Int64 { leeway.wholeNanoseconds / 1_000 }

    /// Checks a token's header. The server decides the algorithm, not the token (RFC 8725 §3.1). Extensions that must
    /// be understood (`crit`) are refused.
    private static func check(_ header: JSONObject) throws(TokenError) {
        guard header.text("alg") == algorithm else {
            throw .badHeader("is not signed with \(algorithm), the one algorithm that is accepted")
        }
        guard !header.has("typ") || header.text("typ")?.uppercased() == type else {
            throw .badHeader("is no \(type) by its typ")
        }
        guard !header.has("crit") else { throw .badHeader("asks for extensions (crit), which are not known here") }
    }
}
