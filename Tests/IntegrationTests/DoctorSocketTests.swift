// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

@Suite struct DoctorSocketTests {
    private static let mask = WebSocketMask(0x37FA_213D)
    private static let fields = [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        // The key of the example in RFC 6455 section 1.3.
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    /// Returns a connection that has become a WebSocket.
    private static func connect(_ relay: RunningRelay, _ fields: [String] = fields) throws -> TestClient {
        let client = try relay.connect()
        try client.send(RequestText.head("GET", "/doctor/socket", fields))
        let head = try client.readHead()
        guard head.status == 101, head.field("upgrade") == "websocket", head.field("connection") == "Upgrade",
            head.field("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head.field("content-length") == nil
        else { throw WaitError("an upgrade, not \(head.status) \(head.fields)") }
        return client
    }

    /// Reads the next frame: first byte and payload. A server's frame has no mask.
    private static func frame(_ client: TestClient) throws -> (opcode: UInt8, payload: [UInt8]) {
        let start = try client.read(2)
        var count = Int(start[1])
        if count == 126 { count = try client.read(2).reduce(0) { $0 << 8 | Int($1) } }
        guard count < 126 || start[1] == 126 else { throw WaitError("a short frame without a mask") }
        return (start[0], try client.read(count))
    }

    /// Expects that the server closes with `code`, then ends the connection.
    private static func expectClose(_ client: TestClient, _ code: UInt16) throws {
        let (opcode, payload) = try frame(client)
        #expect(opcode == 0x88)
        #expect(payload.prefix(2) == [UInt8(code >> 8), UInt8(code & 0xFF)])
        #expect(try client.readToEnd() == [])
    }

    @Test func `texts and bytes come back as they were sent, pings as pongs`() throws {
        try withRelay { relay in
            let client = try Self.connect(relay)
            try client.send(WebSocketWriter.text("hello, мир", mask: Self.mask))
            #expect(try Self.frame(client) == (0x81, Array("hello, мир".utf8)))
            let bytes = (0..<1024).map { UInt8($0 & 0xFF) }
            try client.send(WebSocketWriter.binary(bytes, mask: Self.mask))
            #expect(try Self.frame(client) == (0x82, bytes))
            try client.send(WebSocketWriter.ping([1, 2, 3], mask: Self.mask))
            #expect(try Self.frame(client) == (0x8A, [1, 2, 3]))
            try client.send(WebSocketWriter.text("", mask: Self.mask))
            #expect(try Self.frame(client) == (0x81, []))
            try relay.wait(for: "evrelay_responses_total{code=\"101\"}", 1)
            client.close()
        }
    }

    @Test func `what arrives with the request, in pieces or in several frames, is read all the same`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            let first = WebSocketWriter.text("one", mask: Self.mask)
            try client.send(Array(RequestText.head("GET", "/doctor/socket", Self.fields).utf8) + first)
            #expect(try client.readHead().status == 101)
            #expect(try Self.frame(client) == (0x81, Array("one".utf8)))
            for byte in WebSocketWriter.text("two", mask: Self.mask) { try client.send([byte]) }
            #expect(try Self.frame(client) == (0x81, Array("two".utf8)))
            try client.send(
                WebSocketWriter.frame(.text, Array("th".utf8), isFinal: false, mask: Self.mask)
                    + WebSocketWriter.frame(.continuation, Array("ree".utf8), mask: Self.mask))
            #expect(try Self.frame(client) == (0x81, Array("three".utf8)))
            client.close()
        }
    }

    @Test func `a close is answered, and the connection ends`() throws {
        try withRelay { relay in
            let client = try Self.connect(relay)
            try client.send(WebSocketWriter.close(code: 1001, mask: Self.mask))
            try Self.expectClose(client, 1000)
        }
    }

    private static let wrong: [(name: String, bytes: [UInt8], code: UInt16)] = [
        ("too large", WebSocketWriter.binary([UInt8](repeating: 0, count: 1025), mask: mask), 1009),
        ("not masked", WebSocketWriter.text("x"), 1002), ("reserved bit", [0xC1, 0x80, 0, 0, 0, 0], 1002),
        ("not UTF-8", WebSocketWriter.frame(.text, [0xFF], mask: mask), 1007),
    ]

    @Test(arguments: wrong.map(\.name)) func `what breaks the rules ends it with the right code`(_ name: String) throws
    {
        let wrong = try #require(Self.wrong.first { $0.name == name })
        try withRelay { relay in
            let client = try Self.connect(relay)
            try client.send(wrong.bytes)
            try Self.expectClose(client, wrong.code)
        }
    }

    @Test(arguments: [true, false])
    func `behind sixteen answers it ends, whether they are echoes or pongs`(_ isPing: Bool) throws {
        try withRelay { relay in
            let client = try Self.connect(relay)
            for number in UInt8(1)...16 {
                try client.send(
                    isPing
                        ? WebSocketWriter.ping([number], mask: Self.mask)
                        : WebSocketWriter.binary([number], mask: Self.mask))
                #expect(try Self.frame(client) == (isPing ? 0x8A : 0x82, [number]))
            }
            try Self.expectClose(client, 1000)
        }
    }

    @Test func `a flood that reads nothing makes no pile of answers`() throws {
        try withRelay { relay in
            let client = try Self.connect(relay)
            let pings = (0..<10_000).flatMap { _ in
                WebSocketWriter.ping([UInt8](repeating: 7, count: 125), mask: Self.mask)
            }
            _ = try client.sendUntilAnswered(pings)
            try eventually("it has ended") { relay.connections.openConnections == 0 }
        }
    }

    @Test func `who goes without a word is let go`() throws {
        try withRelay { relay in
            let clients = try (0..<4).map { _ in try Self.connect(relay) }
            for (number, client) in clients.enumerated() {
                if number % 2 == 0 { try client.reset() } else { client.close() }
            }
            try eventually("they are gone") { relay.connections.openConnections == 0 }
        }
    }

    @Test(arguments: [
        ([], 426, "upgrade-required"), (["Upgrade: websocket"], 426, "upgrade-required"),
        (["Upgrade: h2c", "Connection: Upgrade"], 426, "upgrade-required"),
        (Array(fields[0...1]) + ["Sec-WebSocket-Version: 8", fields[3]], 426, "websocket-version"),
        (Array(fields[0...2]), 400, "bad-request"),
        (Array(fields[0...2]) + ["Sec-WebSocket-Key: short"], 400, "bad-request"),
    ])
    func `another request is told what is expected`(_ fields: [String], _ status: Int, _ reason: String) throws {
        try withRelay { relay in
            let client = try relay.connect()
            let answer = try client.request("GET", "/doctor/socket", fields)
            #expect(answer.status == status)
            #expect(answer.reason == reason)
            #expect(answer.field("upgrade") == (status == 426 ? "websocket" : nil))
            #expect(answer.field("sec-websocket-version") == (reason == "websocket-version" ? "13" : nil))
            // It was an ordinary answer, so the connection stays open.
            #expect(try client.request("GET", "/healthz").status == 200)
            try relay.wait(for: "evrelay_refusals_total{reason=\"\(reason)\"}", 1)
        }
    }

    @Test func `pages of other sites may not connect`() throws {
        try withRelay { relay in
            let answer = try relay.connect().request(
                "GET", "/doctor/socket", Self.fields + ["Origin: https://other.example"])
            #expect(answer.status == 403)
            #expect(answer.reason == "origin-not-allowed")
            _ = try Self.connect(relay, Self.fields + ["Origin: https://relay.local"])
        }
    }
}
