// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// A refusal: a status, a constant reason for programs, and a sentence for people.
struct ErrorAnswer: Equatable, Sendable {
    let status: Int
    let reason: String
    let message: String
    /// Seconds after which a client should try again; nil if that would not help.
    let retryAfterSeconds: Int?

    /// - Parameter retryAfterSeconds: nil means 5 seconds after status 503, and no advice after any other.
    init(_ status: Int, _ reason: String, _ message: String, retryAfterSeconds: Int? = nil) {
        self.status = status
        self.reason = reason
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds ?? (status == 503 ? Self.usualRetrySeconds : nil)
    }

    /// Seconds after which a client should try again after status 503.
    private static let usualRetrySeconds = 5

    /// Returns the start of what a client has sent, at most `maxCount` characters, for a sentence about its fault. It
    /// ends where another parameter may begin, which may be a key: `/stream/door&key=…`, `?fps=5?key=…`.
    static func excerpt(_ text: String, _ maxCount: Int) -> String {
        String(text.prefix { !"?&=#;".contains($0) }.prefix(maxCount))
    }

    /// Returns the response; `headers` come before its own fields.
    func response(headers: [(name: String, value: String)]) -> HTTPResponse {
        var headers = headers
        headers.append(("Content-Type", "application/json; charset=utf-8"))
        headers.append(("Cache-Control", "no-store"))
        if let retryAfterSeconds { headers.append(("Retry-After", "\(retryAfterSeconds)")) }
        return HTTPResponse(
            status, headers: headers,
            body: .bytes(
                JSONText.object {
                    $0.member("status", status)
                    $0.member("reason", reason)
                    $0.member("message", message)
                }))
    }
}
