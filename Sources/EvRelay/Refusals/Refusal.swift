// SPDX-License-Identifier: MIT

/// A refusal: a constant reason for programs, which has an HTTP status, and a sentence for people.
///
/// Whoever refuses makes its refusals in an extension of its own. `response(headers:)` makes the answer.
struct Refusal: Error, Equatable, Sendable {
    let reason: RefusalReason
    /// A sentence that names the fault, the value, and the accepted values.
    let message: String
    /// Seconds after which a client should try again; nil if that would not help.
    let retryAfterSeconds: Int?

    /// - Parameter retryAfterSeconds: nil means 5 seconds after status 503, and no advice after any other.
    init(_ reason: RefusalReason, _ message: String, retryAfterSeconds: Int? = nil) {
        self.reason = reason
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds ?? (reason.status == 503 ? Self.usualRetrySeconds : nil)
    }

    /// The HTTP status of the answer.
    var status: Int { reason.status }

    private static let usualRetrySeconds = 5

    /// Returns the whole seconds after which `wait` is over, at least 1, for Retry-After.
    static func seconds(of wait: Duration) -> Int {
        let (seconds, rest) = wait.components
        return max(1, Int(clamping: seconds) + (rest > 0 ? 1 : 0))
    }

    /// Returns the start of what a client has sent, at most `maxCount` characters, for a sentence about its fault. It
    /// ends where another parameter may begin, which may be a key: `/stream/door&key=…`, `?fps=5?key=…`.
    static func excerpt(_ text: String, _ maxCount: Int) -> String {
        String(text.prefix { !"?&=#;".contains($0) }.prefix(maxCount))
    }
}
