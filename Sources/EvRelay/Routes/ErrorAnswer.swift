// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// A refusal in words: a status, a constant reason for programs, and a sentence for people.
struct ErrorAnswer: Equatable, Sendable {
    let status: Int
    let reason: String
    let message: String
    /// When a client should try again, in seconds; nil if that would not help.
    let retryAfterSeconds: Int?

    /// - Parameter retryAfterSeconds: without it a client should try again after 503 only, in a few seconds.
    init(_ status: Int, _ reason: String, _ message: String, retryAfterSeconds: Int? = nil) {
        self.status = status
        self.reason = reason
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds ?? (status == 503 ? Self.usualRetrySeconds : nil)
    }

    /// When a client should try again after 503.
    private static let usualRetrySeconds = 5

    /// What a client has sent, for a sentence that says what is wrong with it. It ends where another parameter may begin,
    /// which may be a key: `/stream/door&key=…`, `?fps=5?key=…`.
    static func excerpt(_ text: String, _ maxCount: Int) -> String {
        String(text.prefix { !"?&=#;".contains($0) }.prefix(maxCount))
    }

    /// The response; `headers` come before the usual ones.
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
