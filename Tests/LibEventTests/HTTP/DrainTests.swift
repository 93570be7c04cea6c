// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing
import WireFormat

@Suite struct DrainTests {
    private let events = EventList()

    private func makeServer() throws -> TestServer {
        try TestServer { [events] head in
            guard head.path == "/taken" else {
                return .answer(HTTPResponse(200, body: .bytes(Array("ok".utf8))))
            }
            return .take { connection in
                let script = TakenScript(events)
                script.onReceived = { connection, input in
                    input.drop(input.count)
                    connection.respond(HTTPResponse(200, body: .bytes(Array("ok".utf8))))
                }
                connection.delegate = script
                events.add("taken")
            }
        }
    }

    @Test func `idle connections end at once and nobody is accepted any more`() throws {
        let server = try makeServer()
        let fresh = try server.connect()
        let kept = try server.connect()
        try kept.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try kept.readResponse()
        try eventually("two connections") { try server.connectionCount() == 2 }
        #expect(try server.ask { $0.isDraining } == false)
        _ = try server.ask { $0.beginDraining() }
        #expect(try server.ask { $0.isDraining } == true)
        #expect(try fresh.readToEnd() == [])
        #expect(try kept.readToEnd() == [])
        #expect(try server.connectionCount() == 0)
        #expect(throws: TestClientError.self) { try server.connect() }
    }

    @Test func `a request under way gets its answer and then its connection ends`() throws {
        let server = try makeServer()
        let taken = try server.connect()
        try taken.send("POST /taken HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
        let partial = try server.connect()
        try partial.send("GET / HTTP/1.1\r\nHos")
        try events.wait(for: "taken")
        try eventually("two connections") { try server.connectionCount() == 2 }
        _ = try server.ask { $0.beginDraining() }
        _ = try server.ask { $0.beginDraining() }
        try partial.send("t: x\r\n\r\n")
        try taken.send("abc")
        for client in [taken, partial] {
            let response = try client.readResponse()
            #expect(response.text == "ok")
            #expect(response.field("connection") == "close")
            #expect(try client.readToEnd() == [])
        }
        try eventually("nobody is left") { try server.connectionCount() == 0 }
        #expect(server.budget.openConnections == 0)
    }
}
