// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// The claims of a signed link: rights, cameras, and the time in which it is valid (RFC 7519 §4).
struct TokenClaims: Sendable, Equatable {
    let rights: Set<Right>
    let cameras: [CameraPattern]
    /// `exp`: the expiry, in microseconds since 1970.
    let expiresMicroseconds: Int64
    /// `nbf`: the time from which the link is valid, in microseconds since 1970; nil if it is valid at once.
    let beginsMicroseconds: Int64?

    /// The audience (`aud`) that a token must name if it names any.
    static let audience = "evrelay"
    /// The accepted times, in seconds since 1970, up to 9999-12-31T23:59:59Z. A later one has the wrong unit, such as
    /// milliseconds.
    private static let acceptedSeconds = 0.0...253_402_300_799.0

    init(
        rights: Set<Right>, cameras: [CameraPattern], expiresMicroseconds: Int64, beginsMicroseconds: Int64? = nil
    ) {
        self.rights = rights
        self.cameras = cameras
        self.expiresMicroseconds = expiresMicroseconds
        self.beginsMicroseconds = beginsMicroseconds
    }

    /// Reads the claims of a token whose signature has been checked.
    init(_ claims: JSONObject) throws(TokenError) {
        guard let expires = try Self.time("exp", in: claims) else {
            throw .badClaim("has no exp, the time when it ends")
        }
        expiresMicroseconds = expires
        beginsMicroseconds = try Self.time("nbf", in: claims)
        _ = try Self.time("iat", in: claims)
        guard let rights = claims.texts("rights"), let cameras = claims.texts("cameras") else {
            throw .badClaim("needs rights and cameras, both lists of texts")
        }
        do throws(ValueError) {
            self.rights = try Right.set(rights)
            self.cameras = try CameraPattern.list(cameras)
        } catch {
            throw .badClaim("cannot be used: in its rights and cameras \(error.reason)")
        }
        guard !claims.has("aud") || Self.isAudience(claims) else {
            throw .badClaim("is not for this server: its aud does not name \(Self.audience)")
        }
    }

    private static func isAudience(_ claims: JSONObject) -> Bool {
        claims.text("aud") == audience || claims.texts("aud")?.contains(audience) == true
    }

    /// Reads a NumericDate (RFC 7519 §2), seconds since 1970 with or without a fraction. Returns microseconds; nil if
    /// there is no such claim.
    private static func time(_ name: String, in claims: JSONObject) throws(TokenError) -> Int64? {
        guard claims.has(name) else { return nil }
        guard let seconds = claims.number(name), acceptedSeconds.contains(seconds) else {
            throw .badClaim("has a value of \(name) that is no time in seconds since 1970")
        }
        return Int64((seconds * 1_000_000).rounded())
    }

    /// The claims as JSON.
    var json: [UInt8] {
        JSONText.object { json in
            json.member("exp", expiresMicroseconds / 1_000_000)
            if let beginsMicroseconds { json.member("nbf", beginsMicroseconds / 1_000_000) }
            json.array("rights") { list in
                for right in Right.allCases where rights.contains(right) { list.element(right.rawValue) }
            }
            json.array("cameras") { list in for camera in cameras { list.element(camera.description) } }
        }
    }
}
