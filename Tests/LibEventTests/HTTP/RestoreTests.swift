// SPDX-License-Identifier: MIT
import Glibc
import System
import TestSupport
import Testing

@testable import LibEvent

/// Connections that come from another process.
@Suite struct RestoreTests {
    private let events = EventList()

    /// Creates a server that serves nothing by itself.
    private static func makeServer(
        maxConnections: Int = 10, maxPerAddress: Int = 10, isBehindProxy: Bool = false
    ) throws -> TestServer {
        try TestServer(
            budget: ConnectionBudget(maxConnections: maxConnections, maxPerAddress: maxPerAddress),
            isBehindProxy: isBehindProxy
        ) { _ in .answerAndClose(HTTPResponse(200)) }
    }

    /// Returns a connection's two ends: the client, and the socket as it comes from another process.
    private static func makeConnection() throws -> (client: TestClient, socket: Descriptor) {
        let listener = try ListenSocket.local()
        let port = try #require(listener.port)
        let acceptor = Acceptor(listener)
        let client = try TestClient(.tcp(host: "127.0.0.1", port: port))
        let socket = try Descriptor(duplicating: try acceptor.accept())
        try #require(fcntl(socket.borrowed, F_SETFL, O_NONBLOCK) == 0)
        return (client, socket)
    }

    /// Restores a connection with a script; false if the server refuses it.
    private func restore(
        _ socket: Descriptor, by server: TestServer,
        _ begin: @escaping @Sendable (TakenConnection, TakenScript) -> Void = { _, _ in }
    ) throws -> Bool {
        try server.ask { [events] server in
            guard let connection = server.restore(socket) else { return false }
            let script = TakenScript(events)
            connection.delegate = script
            begin(connection, script)
            return true
        }
    }

    private func waitUntilGone(_ server: TestServer) throws {
        try eventually("the connection is gone, after \(events.all)") { try server.connectionCount() == 0 }
        #expect(server.budget.openConnections == 0)
        #expect(server.phases == [:])
    }

    @Test func `the stream goes on in both directions, and the connection counts`() throws {
        let server = try Self.makeServer()
        let (client, socket) = try Self.makeConnection()
        #expect(
            try restore(socket, by: server) { connection, script in
                connection.purpose = .stream
                connection.write(Array("the rest".utf8))
                script.onReceived = { connection, input in
                    input.drop(input.count)
                    connection.write(Array("more".utf8))
                }
            })
        #expect(socket.borrowed == -1)
        #expect(try client.read(8) == Array("the rest".utf8))
        try events.wait(for: "drained")
        #expect(server.budget.openConnections == 1)
        #expect(try server.connectionCount() == 1)
        #expect(server.phases == [.stream: 1])
        try client.send("hello")
        #expect(try client.read(4) == Array("more".utf8))
        client.close()
        try events.wait(for: "closed peer")
        #expect(events.all.filter { $0.hasPrefix("closed") }.count == 1)
        #expect(events.all.contains("received hello"))
        try waitUntilGone(server)
    }

    @Test func `its peer is known`() throws {
        let server = try Self.makeServer()
        let (client, socket) = try Self.makeConnection()
        #expect(try restore(socket, by: server) { connection, _ in connection.write(Array(connection.peer.host.utf8)) })
        #expect(try client.read(9) == Array("127.0.0.1".utf8))
    }

    @Test(arguments: [true, false]) func `one that does not fit is closed and not counted`(_ isFull: Bool) throws {
        let server = try Self.makeServer(maxConnections: isFull ? 1 : 10, maxPerAddress: isFull ? 10 : 1)
        let (first, firstSocket) = try Self.makeConnection()
        let (second, secondSocket) = try Self.makeConnection()
        #expect(try restore(firstSocket, by: server))
        #expect(try !restore(secondSocket, by: server))
        #expect(try second.readToEnd() == [])
        #expect(!first.isReadable)
        #expect(server.budget.openConnections == 1)
        #expect(try server.connectionCount() == 1)
        #expect(server.phases.values.reduce(0, +) == 1)
        first.close()
        try waitUntilGone(server)
        // The place is free again.
        let (_, third) = try Self.makeConnection()
        #expect(try restore(third, by: server))
    }

    @Test func `a proxy's connections do not count for its address`() throws {
        let server = try Self.makeServer(maxPerAddress: 1, isBehindProxy: true)
        let connections = try (0..<3).map { _ in try Self.makeConnection() }
        for connection in connections { #expect(try restore(connection.socket, by: server)) }
        #expect(server.budget.openConnections == 3)
        for connection in connections { connection.client.close() }
        try waitUntilGone(server)
    }

    @Test func `a socket that is gone is not taken up`() throws {
        let server = try Self.makeServer()
        let (client, socket) = try Self.makeConnection()
        _ = close(socket.take())
        #expect(try !restore(socket, by: server))
        #expect(try client.readToEnd() == [])
        #expect(server.budget.openConnections == 0)
    }

    @Test func `a peer that went in between is told as such`() throws {
        let server = try Self.makeServer()
        let (client, socket) = try Self.makeConnection()
        client.close()
        #expect(try restore(socket, by: server))
        try events.wait(for: "closed peer")
        try waitUntilGone(server)
    }

    @Test func `the server's end closes it, and its owner hears of it once`() throws {
        let server = try Self.makeServer()
        let (client, socket) = try Self.makeConnection()
        #expect(try restore(socket, by: server))
        server.stop()
        #expect(try client.readToEnd() == [])
        #expect(events.all.filter { $0.hasPrefix("closed") } == ["closed server"])
        #expect(server.budget.openConnections == 0)
        #expect(server.phases == [:])
    }

    @Test func `its owner may close it from inside a call, at once or when all is sent`() throws {
        let server = try Self.makeServer()
        for isPatient in [false, true] {
            let (client, socket) = try Self.makeConnection()
            #expect(
                try restore(socket, by: server) { connection, script in
                    script.onReceived = { connection, input in
                        input.drop(input.count)
                        guard isPatient else { return connection.close() }
                        connection.write(Array("bye".utf8))
                        connection.closeWhenDrained()
                    }
                })
            try client.send("go")
            #expect(try client.readToEnd() == (isPatient ? Array("bye".utf8) : []))
            try events.wait(for: "closed server")
            try waitUntilGone(server)
        }
    }

    @Test func `a peer that takes nothing is stalled as any other`() throws {
        var limits = TestServer.limits
        limits.stallTimeout = .milliseconds(300)
        let server = try TestServer(limits: limits) { _ in .answerAndClose(HTTPResponse(200)) }
        let (client, socket) = try Self.makeConnection()
        #expect(
            try restore(socket, by: server) { connection, _ in
                connection.write([UInt8](repeating: 0, count: 32 << 20))
            })
        try events.wait(for: "closed stalled")
        try waitUntilGone(server)
        client.close()
    }

    @Test func `it can be handed on again`() throws {
        let (first, second) = (try Self.makeServer(), try Self.makeServer())
        let (client, socket) = try Self.makeConnection()
        #expect(try restore(socket, by: first) { connection, _ in connection.write(Array("one".utf8)) })
        #expect(try client.read(3) == Array("one".utf8))
        let (again, againSocket) = try Self.makeConnection()
        let next = try first.ask { [events] server -> Descriptor? in
            guard let connection = server.restore(againSocket) else { return nil }
            connection.delegate = TakenScript(events)
            return connection.detach(maxPendingBytes: 0)?.descriptor
        }
        #expect(events.all.last == "closed handed-over")
        #expect(first.budget.openConnections == 1)
        #expect(try restore(try #require(next), by: second) { connection, _ in connection.write(Array("two".utf8)) })
        #expect(try again.read(3) == Array("two".utf8))
        first.stop()
        #expect(!again.isReadable)
    }
}
