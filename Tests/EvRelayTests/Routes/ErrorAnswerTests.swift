// SPDX-License-Identifier: MIT
import LibEvent
import Testing

@testable import EvRelay

@Suite struct ErrorAnswerTests {
    private static func body(_ response: HTTPResponse) -> String? {
        guard case .bytes(let bytes) = response.body else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func text(_ headers: [(name: String, value: String)]) -> [String] {
        headers.map { "\($0.name): \($0.value)" }
    }

    @Test func `the body is compact JSON with status, reason and message`() {
        let response = ErrorAnswer(413, "frame-too-large", "The frame has 6000000 bytes.").response(headers: [])
        #expect(response.status == 413)
        #expect(
            Self.body(response)
                == #"{"status":413,"reason":"frame-too-large","message":"The frame has 6000000 bytes."}"#)
    }

    @Test func `what a client sent is escaped in the message`() {
        let response = ErrorAnswer(400, "bad-request", "\"a\\b\"\r\n\t\u{0}é<").response(headers: [])
        #expect(
            Self.body(response)
                == #"{"status":400,"reason":"bad-request","message":"\"a\\b\"\r\n\t\u0000é<"}"#)
    }

    @Test func `an error is JSON that must not be kept, behind the headers of every answer`() {
        let response = ErrorAnswer(404, "not-found", "x").response(headers: [("Vary", "Origin")])
        #expect(
            Self.text(response.headers) == [
                "Vary: Origin", "Content-Type: application/json; charset=utf-8", "Cache-Control: no-store",
            ])
    }

    @Test func `503 says when to try again, and others only where they were told`() {
        for status in [400, 403, 404, 405, 408, 409, 411, 413, 415, 417, 422, 429, 431, 500, 501, 503, 505] {
            let headers = ErrorAnswer(status, "x", "x").response(headers: []).headers
            #expect(headers.contains { $0.name == "Retry-After" } == (status == 503), "\(status)")
        }
        #expect(Self.text(ErrorAnswer(503, "x", "x").response(headers: []).headers).last == "Retry-After: 5")
        let taken = ErrorAnswer(409, "x", "x", retryAfterSeconds: 2)
        #expect(Self.text(taken.response(headers: []).headers).last == "Retry-After: 2")
        #expect(ErrorAnswer(503, "x", "x", retryAfterSeconds: 60).retryAfterSeconds == 60)
    }
}
