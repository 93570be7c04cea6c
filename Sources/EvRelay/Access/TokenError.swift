// SPDX-License-Identifier: MIT
import WireFormat

/// Why a signed link does not hold.
enum TokenError: Error, Equatable, Sendable {
    /// It is no JSON Web Token.
    case malformed(JSONWebTokenError)
    /// Its header is not that of the one kind that is accepted.
    case badHeader(String)
    /// It was not signed with this server's secret, or was changed since.
    case wrongSignature
    /// A claim is missing, or is not what it should be.
    case badClaim(String)
    case expired
    case notYetValid

    /// True if whoever made it had the secret: then nobody is guessing.
    var isRightlySigned: Bool {
        switch self {
        case .malformed, .badHeader, .wrongSignature: false
        case .badClaim, .expired, .notYetValid: true
        }
    }

    /// The answer that says so.
    var answer: ErrorAnswer {
        switch self {
        case .malformed(let error): Self.invalid(error.message)
        case .badHeader(let problem), .badClaim(let problem): Self.invalid(problem)
        case .wrongSignature: Self.invalid("was not signed with this server's secret, or was changed")
        case .expired: ErrorAnswer(401, "token-expired", "This link has ended; ask for a new one.")
        case .notYetValid: ErrorAnswer(401, "token-not-yet-valid", "This link does not hold yet; try again later.")
        }
    }

    private static func invalid(_ problem: String) -> ErrorAnswer {
        ErrorAnswer(401, "token-invalid", "The token \(problem).")
    }
}
