// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// A refusal in words: a status, a constant reason for programs, and a sentence for people.
struct ErrorAnswer: Equatable, Sendable {
    let status: Int
    let reason: String
    let message: String

    init(_ status: Int, _ reason: String, _ message: String) {
        self.status = status
        self.reason = reason
        self.message = message
    }

    /// When a client should try again after 503, in seconds.
    private static let retryAfterSeconds = 5

    /// The response; `headers` come before the usual ones.
    func response(headers: [(name: String, value: String)]) -> HTTPResponse {
        var headers = headers
        headers.append(("Content-Type", "application/json; charset=utf-8"))
        headers.append(("Cache-Control", "no-store"))
        if status == 503 { headers.append(("Retry-After", "\(Self.retryAfterSeconds)")) }
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
