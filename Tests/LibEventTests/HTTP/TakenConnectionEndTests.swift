// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import Testing
import TestSupport
import WireFormat

/// Every way in which a taken connection can end. Its owner is told exactly once, and nothing after that.
@Suite struct TakenConnectionEndTests {
    private let events = EventList()
    private static let request = "POST / HTTP/1.1\r\nHost: x\r\n\r\n"

    private func run(
        sending body: String = "", expecting expected: [String],
        _ write: @escaping @Sendable (TakenConnection, TakenScript) -> Void,
        then end: (TestClient) throws -> Void = { _ in }
    ) throws {
        let server = try TestServer.taking(events, write)
        let client = try server.connect()
        try client.send(Self.request + body)
        try end(client)
        try client.waitForEnd()
        try eventually("the connection is forgotten") { try server.connectionCount() == 0 }
        #expect(server.budget.openConnections == 0)
        #expect(events.all == expected)
    }

    @Test func `closed while it is being taken`() throws {
        try run(sending: "abc", expecting: ["closed server"]) { connection, _ in
            connection.close()
            #expect(!connection.isOpen)
            connection.close()
            connection.write([1])
            connection.closeWhenDrained()
            connection.setDeadline(after: .seconds(1))
        }
    }

    /// The kernel has the stall limit as well (TCP_USER_TIMEOUT). When its timer was the first, the log and the metric said
    /// that the peer had gone.
    @Test(arguments: [false, true], [false, true])
    func `a peer that the kernel gives up is stalled`(isEncrypted: Bool, hasEndedItsSide: Bool) throws {
        let server = try TestServer.taking(
            events, tls: isEncrypted ? TestPairs.makeSwitch() : nil, kernelTimeout: .milliseconds(300)
        ) { connection, script in
            script.onReachedEnd = { _ in }
            connection.write([UInt8](repeating: 0, count: 32 << 20))
        }
        let client = try server.connect(tls: isEncrypted ? ClientTLS() : nil)
        try client.send(Self.request)
        if hasEndedItsSide { try client.shutdownWrite() }
        try eventually("it has ended") { events.all.last?.hasPrefix("closed") == true }
        #expect(events.all == ["closed stalled"])
    }

    @Test func `closed in received, with bytes left`() throws {
        try run(sending: "abc", expecting: ["received abc", "closed abuse"]) { _, script in
            script.onReceived = { connection, _ in
                connection.close(.abuse)
                connection.close(.byServer)
            }
        }
    }

    @Test func `closed in drained`() throws {
        try run(expecting: ["drained", "closed frame-memory"]) { connection, script in
            connection.write([1, 2, 3])
            #expect(connection.isPending)
            script.onDrained = { connection in
                #expect(!connection.isPending)
                connection.close(.frameMemory)
            }
        }
    }

    @Test func `closed at its deadline`() throws {
        try run(expecting: ["deadline", "closed too-slow"]) { connection, _ in
            connection.setDeadline(after: .milliseconds(100))
        }
    }

    @Test func `closed again while it is being told that it is closed`() throws {
        try run(expecting: ["closed server"]) { connection, script in
            script.onClosed = { connection in
                connection.close()
                connection.write([1])
                connection.respond(HTTPResponse(200))
                connection.answerAndClose(HTTPResponse(200))
            }
            connection.close()
        }
    }

    @Test func `closed by the peer, between bytes`() throws {
        try run(sending: "abc", expecting: ["received abc", "closed peer"]) { _, _ in
        } then: { client in
            try events.wait(for: "received abc")
            client.close()
        }
    }

    @Test func `reset by the peer while bytes for it are pending`() throws {
        try run(expecting: ["closed peer"]) { connection, _ in
            connection.write([UInt8](repeating: 0, count: 32 << 20))
        } then: { client in
            _ = try client.read(1)
            try client.reset()
        }
    }

    @Test func `half closed by the peer`() throws {
        try run(expecting: ["closed peer"]) { _, _ in
        } then: { client in
            try client.shutdownWrite()
        }
    }

    @Test func `answered and closed`() throws {
        try run(sending: "abc", expecting: ["received abc"]) { _, script in
            script.onReceived = { connection, _ in
                connection.answerAndClose(HTTPResponse(422, body: .bytes(Array("no".utf8))))
                #expect(!connection.isOpen)
            }
        } then: { client in
            let response = try client.readResponse()
            #expect(response.status == 422)
            #expect(response.text == "no")
            #expect(response.field("connection") == "close")
            client.close()
        }
    }

    @Test func `a deadline that is set anew or taken back does not pass`() throws {
        try run(expecting: ["deadline", "deadline", "closed too-slow"]) { connection, script in
            connection.setDeadline(after: .milliseconds(1))
            connection.setDeadline(after: nil)
            connection.setDeadline(after: .milliseconds(50))
            var count = 0
            script.onDeadline = { connection in
                count += 1
                if count == 2 { connection.close(.tooSlow) } else { connection.setDeadline(after: .milliseconds(50)) }
            }
        }
    }

    @Test func `bytes behind the closing of a stream are dropped unseen`() throws {
        try run(expecting: ["closed server"]) { connection, _ in
            connection.write([UInt8](repeating: 0x61, count: 8 << 20))
            connection.closeWhenDrained()
        } then: { client in
            try client.send("behind")
            #expect(try client.readToEnd().count == 8 << 20)
        }
    }

    @Test(arguments: ["/answer", "/respond", "/stream"])
    func `an answer may take longer than the stall limit as long as it is read`(_ path: String) throws {
        var limits = TestServer.limits
        limits.stallTimeout = .milliseconds(500)
        let bytes = [UInt8](repeating: 0x61, count: 16 << 20)
        let server = try TestServer(limits: limits) { head in
            let response = HTTPResponse(200, body: .bytes(bytes))
            return switch head.path {
            case "/answer": .answer(response)
            case "/respond": .take { $0.respond(response) }
            default:
                .take { connection in
                    connection.startStream(HTTPResponse(200), opening: bytes)
                    connection.closeWhenDrained()
                }
            }
        }
        let client = try server.connect(receiveBufferBytes: 65_536)
        client.bytesPerSecond = 8 << 20
        try client.send("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(try client.readHead().status == 200)
        #expect(try client.readToEnd().count == bytes.count)
    }

    @Test func `the server ends with connections in every state`() throws {
        let server = try TestServer { [events] head in
            switch head.path {
            case "/taken":
                .take { $0.delegate = TakenScript(events) }
            case "/pending":
                .take { connection in
                    connection.delegate = TakenScript(events)
                    connection.write([UInt8](repeating: 0, count: 32 << 20))
                }
            case "/large":
                .answer(HTTPResponse(200, body: .bytes(.init(repeating: 0, count: 32 << 20))))
            default: .answerAndClose(HTTPResponse(404, body: .bytes([])))
            }
        }
        var clients: [TestClient] = []
        for path in ["/taken", "/pending", "/large", "/no"] {
            let client = try server.connect()
            try client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            clients.append(client)
        }
        clients.append(try server.connect())
        let partial = try server.connect()
        try partial.send("GET / HT")
        clients.append(partial)
        for client in clients[1...3] { _ = try client.read(1) }
        try eventually("six connections") { try server.connectionCount() == 6 }
        server.stop()
        for client in clients { try client.waitForEnd() }
        #expect(server.budget.openConnections == 0)
        #expect(events.all.count == 2)
        #expect(events.all.allSatisfy { $0.hasPrefix("closed") })
    }
}
