// SPDX-License-Identifier: MIT
import LibEvent
import Testing
import WireFormat

@testable import EvRelay

@Suite struct GateRefusalTests {
    @Test(arguments: [
        (GateRefusal.connectionsFull, 503, "connections-full"), (.tooManyFromAddress, 429, "too-many-connections"),
        (.badHead(.headTooLarge(limitBytes: 8_192)), 431, "head-too-large"),
        (.badHead(.tooManyFields(limit: 64)), 431, "head-too-large"),
        (.badHead(.unsupportedVersion("HTTP/2.0")), 505, "http-version"), (.badHead(.badLineEnd), 400, "bad-request"),
        (.badHead(.badRequestLine), 400, "bad-request"), (.badHead(.badTarget("x")), 400, "bad-request"),
        (.badHead(.badField("x")), 400, "bad-request"), (.badHead(.repeatedField("x")), 400, "bad-request"),
        (.badHead(.badHost("x")), 400, "bad-request"), (.badHead(.badContentLength("x")), 400, "bad-request"),
        (.badHead(.badTransferEncoding("x")), 400, "bad-request"),
        (.unknownExpectation("200-ok"), 417, "expectation-failed"), (.headTooSlow, 408, "too-slow"),
        (.plainOnTLS, 400, "http-on-tls-port"),
    ])
    func `what the gate refuses has its status and reason`(
        _ refusal: GateRefusal, _ status: Int, _ reason: String
    ) {
        #expect(Refusal(refusal).status == status)
        #expect(Refusal(refusal).reason.rawValue == reason)
        #expect(Refusal(refusal).message.hasSuffix("."))
    }

    @Test(arguments: [
        (GateRefusal.connectionsFull, "--max-connections"), (.tooManyFromAddress, "--max-connections-per-address"),
        (.badHead(.headTooLarge(limitBytes: 8_192)), "at most 8192 bytes are accepted (--max-header-bytes)."),
        (.badHead(.tooManyFields(limit: 64)), "at most 64 are accepted (--max-header-fields)."),
        (.headTooSlow, "--header-timeout"), (.unknownExpectation("x"), "only 100-continue"),
    ])
    func `a limit is told with its flag`(_ refusal: GateRefusal, _ words: String) {
        #expect(Refusal(refusal).message.contains(words))
    }

    @Test func `a long expectation is cut in the message`() {
        let value = String(repeating: "x", count: 4000)
        #expect(Refusal(.unknownExpectation(value)).message.count < 120)
    }

    @Test(arguments: [
        (WebSocketHandshakeError.notGet, 405, "method-not-allowed"), (.noUpgrade, 426, "upgrade-required"),
        (.badVersion, 426, "websocket-version"), (.badKey, 400, "bad-request"), (.hasBody, 400, "bad-request"),
    ])
    func `what is no WebSocket has its status and reason`(
        _ error: WebSocketHandshakeError, _ status: Int, _ reason: String
    ) {
        #expect(Refusal(error).status == status)
        #expect(Refusal(error).reason.rawValue == reason)
    }
}
