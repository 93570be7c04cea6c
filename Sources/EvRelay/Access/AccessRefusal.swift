// SPDX-License-Identifier: MIT
import WireFormat

/// A refusal of access: the answer, and the delay before it is sent.
struct AccessRefusal: Error, Equatable, Sendable {
    let answer: ErrorAnswer
    /// The time for which the answer is held back, to slow down guessing.
    var delay = Duration.zero

    init(_ answer: ErrorAnswer, delay: Duration = .zero) {
        self.answer = answer
        self.delay = delay
    }
}

extension ErrorAnswer {
    static func keyRequired(_ right: Right) -> ErrorAnswer {
        ErrorAnswer(
            401, "key-required",
            "This needs a key or link with the right to \(right.rawValue): in Authorization as Bearer or as Basic "
                + "password, or as ?key=.")
    }

    static let keyWrong = ErrorAnswer(401, "key-wrong", "This key is not known here.")

    static func rightMissing(_ right: Right) -> ErrorAnswer {
        ErrorAnswer(403, "right-missing", "This key or link does not give the right to \(right.rawValue) here.")
    }

    static let publishingNotAllowed = ErrorAnswer(
        403, "publishing-not-allowed",
        "Publishing is allowed from the server's own machine only; --keys lets others publish with a key, and "
            + "--open-publishing opens it to everybody.")

    static func tooManyWrongKeys(wait: Duration) -> ErrorAnswer {
        let (seconds, rest) = wait.components
        return ErrorAnswer(
            429, "too-many-wrong-keys",
            "Too many wrong keys came from your address (--max-key-failures). Try again later.",
            retryAfterSeconds: max(1, Int(clamping: seconds) + (rest > 0 ? 1 : 0)))
    }

    /// Returns the WWW-Authenticate fields of a 401 (RFC 9110 §11.6.1); none for other answers.
    ///
    /// Basic makes a browser open its password dialog, even over a page whose script has sent the request and would ask
    /// in its own words. Such requests are offered Bearer alone.
    func challenges(_ head: RequestHead) -> [(name: String, value: String)] {
        guard status == 401 else { return [] }
        let bearer = (name: "WWW-Authenticate", value: "Bearer realm=\"EvRelay\"")
        guard !head.has("x-requested-with"), head.field("sec-fetch-dest") != "empty" else { return [bearer] }
        return [(name: "WWW-Authenticate", value: "Basic realm=\"EvRelay\", charset=\"UTF-8\""), bearer]
    }
}
