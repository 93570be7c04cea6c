// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct WebSocketHandshakeTests {
    private func outcome(_ lines: [String]) throws -> Result<WebSocketHandshake, WebSocketHandshakeError> {
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        let head = try RequestHead.parse(bytes.span, maxFields: 64)
        return Result { () throws(WebSocketHandshakeError) in try WebSocketHandshake(head) }
    }

    /// Returns the example of RFC 6455 §1.3 with one line replaced, or left out if the replacement is nil.
    private func example(_ index: Int? = nil, _ replacement: String? = nil, more: [String] = []) -> [String] {
        var lines = [
            "GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        ]
        if let index {
            if let replacement { lines[index] = replacement } else { lines.remove(at: index) }
        }
        return lines + more
    }

    @Test func `the RFC's example is accepted`() throws {
        let origin = ["Origin: http://example.com", "Sec-WebSocket-Protocol: chat, superchat"]
        #expect(try outcome(example(more: origin)).get().key == "dGhlIHNhbXBsZSBub25jZQ==")
    }

    @Test(arguments: [
        (2, "upgrade: h2c, WebSocket"), (3, "Connection: keep-alive, Upgrade"), (3, "connection: UPGRADE"),
        (4, "Sec-WebSocket-Key: +/AAAAAAAAAAAAAAAAAAAA=="),
    ])
    func `lists and cases as browsers and proxies write them are accepted`(index: Int, line: String) throws {
        #expect(throws: Never.self) { try outcome(example(index, line)).get() }
    }

    @Test(arguments: [
        (2, nil), (2, "Upgrade: h2c"), (2, "Upgrade: websockets"), (3, nil), (3, "Connection: keep-alive"),
        (0, "GET /chat HTTP/1.0"),
    ])
    func `an ordinary request is told to upgrade`(index: Int, line: String?) throws {
        #expect(try outcome(example(index, line)) == .failure(.noUpgrade))
    }

    @Test(arguments: [nil, "Sec-WebSocket-Version: 8", "Sec-WebSocket-Version: 13, 8", "Sec-WebSocket-Version:"])
    func `another version is told which one is spoken`(line: String?) throws {
        #expect(try outcome(example(5, line)) == .failure(.badVersion))
        #expect(WebSocketHandshakeError.badVersion.fields.contains { $0 == ("Sec-WebSocket-Version", "13") })
    }

    @Test(arguments: [
        nil, "", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZQQ=", "dGhlIHNhbXBsZSBub25jZQA==", "dGhlIHNhbXBs-SBub25jZQ==", "dGhlIHNhbXBs SBub25jZQ==",
    ])
    func `a key that is not 16 bytes in base64 is refused`(key: String?) throws {
        #expect(try outcome(example(4, key.map { "Sec-WebSocket-Key: \($0)" })) == .failure(.badKey))
    }

    @Test func `another method, or a body, is refused`() throws {
        #expect(try outcome(example(0, "POST /chat HTTP/1.1")) == .failure(.notGet))
        #expect(try outcome(example(more: ["Content-Length: 3"])) == .failure(.hasBody))
        #expect(throws: Never.self) { try outcome(example(more: ["Content-Length: 0"])).get() }
    }

    @Test func `each refusal has the fields that go with it`() {
        #expect(WebSocketHandshakeError.notGet.fields.contains { $0 == ("Allow", "GET") })
        for error in [WebSocketHandshakeError.noUpgrade, .badVersion] {
            #expect(error.fields.contains { $0 == ("Upgrade", "websocket") })
        }
        for error in [WebSocketHandshakeError.badKey, .hasBody] { #expect(error.fields.isEmpty) }
        #expect(WebSocketHandshakeError.badVersion.message.contains("13"))
    }
}
