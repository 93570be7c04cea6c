// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@testable import LibEvent

/// Clients behind a proxy, which are counted one by one.
@Suite struct ClientCountTests {
    /// Creates a server whose every peer is a proxy that names the client in a field. `/hold` keeps the connection, any
    /// other path answers.
    private static func makeServer(isBehindProxy: Bool = true) throws -> TestServer {
        try TestServer(budget: .init(maxConnections: 100, maxPerAddress: 2), isBehindProxy: isBehindProxy) { head in
            .take { connection in
                let client = head.field("x-client").flatMap { PeerAddress(host: $0) } ?? .unixSocket
                guard connection.count(client: client) else { return connection.answerAndClose(HTTPResponse(429)) }
                guard head.path == "/hold" else {
                    return connection.respond(HTTPResponse(200, body: .bytes([0x6F, 0x6B])))
                }
                connection.delegate = TakenScript(EventList())
                connection.startStream(HTTPResponse(200), opening: [])
            }
        }
    }

    private static func ask(_ server: TestServer, _ path: String, _ client: String?) throws -> (TestClient, Int) {
        let connection = try server.connect()
        try send(connection, path, client)
        return (connection, try connection.readHead().status)
    }

    private static func send(_ connection: TestClient, _ path: String, _ client: String?) throws {
        try connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\(client.map { "X-Client: \($0)\r\n" } ?? "")\r\n")
    }

    @Test func `one connection too many of a client is refused, and the others go on`() throws {
        let server = try Self.makeServer()
        let held = try (0..<2).map { _ in try Self.ask(server, "/hold", "192.0.2.1") }
        #expect(held.map(\.1) == [200, 200])
        #expect(try Self.ask(server, "/hold", "192.0.2.1").1 == 429)
        // Another address has its own count; an IPv6 address shares it with its neighbours.
        let others = try ["192.0.2.2", "2001:db8::1", "2001:db8::2"].map { try Self.ask(server, "/hold", $0) }
        #expect(others.map(\.1) == [200, 200, 200])
        #expect(try Self.ask(server, "/hold", "2001:db8::3").1 == 429)
        for connection in held + others { connection.0.close() }
    }

    @Test func `the place is free when the connection ends`() throws {
        let server = try Self.makeServer()
        for _ in 0..<3 {
            let held = try (0..<2).map { _ in try Self.ask(server, "/hold", "192.0.2.1") }
            #expect(held.map(\.1) == [200, 200])
            for connection in held { connection.0.close() }
            try eventually("nobody is left") { try server.connectionCount() == 0 }
        }
        #expect(server.budget.openConnections == 0)
    }

    @Test func `the place is free when the request is answered`() throws {
        let server = try Self.makeServer()
        let connection = try server.connect()
        for number in 0..<10 {
            try Self.send(connection, "/", "192.0.2.\(number % 2)")
            #expect(try connection.readResponse().status == 200)
        }
        // The last request's place is free too, though nothing followed on its connection.
        let held = try (0..<4).map { try Self.ask(server, "/hold", "192.0.2.\($0 % 2)") }
        #expect(held.map(\.1) == [200, 200, 200, 200])
        for client in held { client.0.close() }
    }

    @Test func `who has no address counts for nobody`() throws {
        let server = try Self.makeServer()
        for _ in 0..<5 { #expect(try Self.ask(server, "/hold", nil).1 == 200) }
    }

    @Test func `a proxy may have more connections than one client, and anybody else may not`() throws {
        for isBehindProxy in [true, false] {
            let server = try Self.makeServer(isBehindProxy: isBehindProxy)
            let connections = try (0..<4).map { _ in try server.connect() }
            // If an address may have two only, two connections have made room for the others.
            try eventually("all have been let in") {
                server.budget.openConnections == (isBehindProxy ? 4 : 2)
                    && server.rooms.count == (isBehindProxy ? 0 : 2)
            }
            for connection in connections { connection.close() }
            try eventually("nobody is left") { server.budget.openConnections == 0 }
        }
    }
}
