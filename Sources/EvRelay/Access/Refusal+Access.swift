// SPDX-License-Identifier: MIT
import WireFormat

// Refusals by keys, links, origins and host names.
extension Refusal {
    static func keyRequired(_ right: Right) -> Refusal {
        Refusal(
            .keyRequired,
            "This needs a key or link with the right to \(right.rawValue): in Authorization as Bearer or as Basic "
                + "password, or as ?key=.")
    }

    static let keyWrong = Refusal(.keyWrong, "This key is not known here.")

    static func rightMissing(_ right: Right) -> Refusal {
        Refusal(.rightMissing, "This key or link does not give the right to \(right.rawValue) here.")
    }

    static let publishingNotAllowed = Refusal(
        .publishingNotAllowed,
        "Publishing is allowed from the server's own machine only; --keys lets others publish with a key, and "
            + "--open-publishing opens it to everybody.")

    static func tooManyWrongKeys(wait: Duration) -> Refusal {
        Refusal(
            .tooManyWrongKeys, "Too many wrong keys came from your address (--max-key-failures). Try again later.",
            retryAfterSeconds: seconds(of: wait))
    }

    /// The refusal of a request from a page of another origin.
    /// - Parameter rest: the end of the sentence "Pages of … may not".
    static func foreignOrigin(_ origin: String, mayNot rest: String) -> Refusal {
        Refusal(.originNotAllowed, "Pages of \(excerpt(origin, 100)) may not \(rest).")
    }

    static func unknownHost(_ name: String) -> Refusal {
        Refusal(
            .unknownHost,
            "This server does not know itself by the name \"\(name.prefix(100))\"; --allow-host adds a name.")
    }

    init(_ error: TokenError) {
        switch error {
        case .malformed(let error): self.init(.tokenInvalid, "The token \(error.message).")
        case .badHeader(let problem), .badClaim(let problem): self.init(.tokenInvalid, "The token \(problem).")
        case .wrongSignature:
            self.init(.tokenInvalid, "The token was not signed with this server's secret, or was changed.")
        case .expired: self.init(.tokenExpired, "This link has ended; ask for a new one.")
        case .notYetValid: self.init(.tokenNotYetValid, "This link does not hold yet; try again later.")
        }
    }
}
