// SPDX-License-Identifier: MIT
import WireFormat

/// The reasons why a signed link is refused.
enum TokenError: Error, Equatable, Sendable {
    /// The text is not a JSON Web Token.
    case malformed(JSONWebTokenError)
    /// The header is not that of the one accepted kind.
    case badHeader(String)
    /// The token was not signed with this server's secret, or was changed afterwards.
    case wrongSignature
    /// A claim is missing, or has a wrong value.
    case badClaim(String)
    case expired
    case notYetValid

    /// True if the token was signed with the secret, so that it is not a guess.
    var isRightlySigned: Bool {
        switch self {
        case .malformed, .badHeader, .wrongSignature: false
        case .badClaim, .expired, .notYetValid: true
        }
    }
}
