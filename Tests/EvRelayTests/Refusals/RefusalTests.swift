// SPDX-License-Identifier: MIT
import LibEvent
import Testing

@testable import EvRelay

@Suite struct RefusalTests {
    private static func body(_ response: HTTPResponse) -> String? {
        guard case .bytes(let bytes) = response.body else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func text(_ headers: [(name: String, value: String)]) -> [String] {
        headers.map { "\($0.name): \($0.value)" }
    }

    @Test func `the body is compact JSON with status, reason and message`() {
        let response = Refusal(.frameTooLarge, "The frame has 6000000 bytes.").response(headers: [])
        #expect(response.status == 413)
        #expect(
            Self.body(response)
                == #"{"status":413,"reason":"frame-too-large","message":"The frame has 6000000 bytes."}"#)
    }

    @Test func `what a client sent is escaped in the message`() {
        let response = Refusal(.badRequest, "\"a\\b\"\r\n\t\u{0}é<").response(headers: [])
        #expect(
            Self.body(response)
                == #"{"status":400,"reason":"bad-request","message":"\"a\\b\"\r\n\t\u0000é<"}"#)
    }

    @Test func `an error is JSON that must not be kept, behind the headers of every answer`() {
        let response = Refusal(.notFound, "x").response(headers: [("Vary", "Origin")])
        #expect(
            Self.text(response.headers) == [
                "Vary: Origin", "Content-Type: application/json; charset=utf-8", "Cache-Control: no-store",
            ])
    }

    @Test(arguments: RefusalReason.allCases)
    func `503 says when to try again, and others only where they were told`(_ reason: RefusalReason) {
        let usual = Refusal(reason, "x").response(headers: []).headers
        #expect(Self.text(usual).contains("Retry-After: 5") == (reason.status == 503))
        let told = Refusal(reason, "x", retryAfterSeconds: 60)
        #expect(Self.text(told.response(headers: []).headers).last == "Retry-After: 60")
    }

    @Test func `a wait is told in whole seconds in which it is over`() {
        for (wait, seconds) in [
            (.zero, 1), (.nanoseconds(1), 1), (.seconds(1), 1), (.milliseconds(1001), 2), (.seconds(600), 600),
            (.seconds(-3), 1),
        ] as [(Duration, Int)] {
            #expect(Refusal.seconds(of: wait) == seconds, "\(wait)")
        }
    }

    @Test(arguments: ["?", "&", "=", "#", ";"])
    func `what may be a key is not repeated`(separator: String) {
        #expect(Refusal.excerpt("door\(separator)key", 40) == "door")
        #expect(Refusal.excerpt("door", 2) == "do")
    }
}
