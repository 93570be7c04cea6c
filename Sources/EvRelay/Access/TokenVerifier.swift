// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// Checks signed links: JSON Web Tokens with HS256 (RFC 7515, RFC 7519) and nothing else, whatever their header wants.
struct TokenVerifier: Sendable {
    static let algorithm = "HS256"
    static let type = "JWT"
    /// Of a whole token.
    static let maxTokenBytes = 4096
    private static let maxDepth = 8

    /// What tokens are signed with.
    let secret: TokenSecret
    /// How far the clock of whoever signs may be off.
    let leeway: Duration

    /// The claims of a token that holds now. They are read only if the signature is right.
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

    /// True from the end of a token on, the leeway included.
    func hasExpired(_ expiresMicroseconds: Int64, _ nowMicroseconds: Int64) -> Bool {
        nowMicroseconds >= end(expiresMicroseconds)
    }

    /// When what lives by a token ends.
    func end(_ expiresMicroseconds: Int64) -> Int64 {
        let (end, overflow) = expiresMicroseconds.addingReportingOverflow(leewayMicroseconds)
        return overflow ? .max : end
    }

    private var leewayMicroseconds: Int64 { leeway.wholeNanoseconds / 1_000 }

    /// RFC 8725 §3.1: the algorithm is this server's to say. Extensions that must be understood are not.
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
