// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import TestSupport
import Testing
import WireFormat

/// 5,000 idle connections kept every new visitor out until they timed out.
@Suite struct RoomTests {
    private static let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    private static func makeServer(
        maxConnections: Int, maxPerAddress: Int = 500, tls: TLSSwitch? = nil, isBehindProxy: Bool = false
    ) throws -> TestServer {
        let budget = ConnectionBudget(maxConnections: maxConnections, maxPerAddress: maxPerAddress)
        return try TestServer(
            budget: budget, isBehindProxy: isBehindProxy, tls: tls, TestServer.answersOrHolds)
    }

    private static func ask(_ client: TestClient) throws {
        try client.send(request)
        #expect(try client.readResponse().status == 200)
    }

    @Test func `the connection that has been idle longest makes room`() throws {
        let server = try Self.makeServer(maxConnections: 3)
        var clients: [TestClient] = []
        for count in 1...3 {
            clients.append(try server.connect())
            try eventually("\(count) connections") { server.budget.openConnections == count }
        }
        try Self.ask(clients[0])
        for gone in [1, 2, 0] {
            clients.append(try server.connect())
            #expect(try clients[gone].readToEnd() == [])
            try Self.ask(clients[clients.count - 1])
        }
        #expect(server.rooms == [.total, .total, .total])
        #expect(server.refusals.isEmpty)
        #expect(server.budget.openConnections == 3)
    }

    @Test(arguments: [false, true])
    func `who is served never goes`(isFull: Bool) throws {
        let server = try Self.makeServer(maxConnections: 3)
        let busy = try (0..<2).map { _ in try server.connect() }
        for (index, client) in busy.enumerated() { try server.hold(client, count: index + 1) }
        let last = try server.connect()
        if isFull { try server.hold(last, count: 3) } else { try Self.ask(last) }
        for _ in 0..<20 {
            let client = try server.connect()
            try client.send(Self.request)
            #expect(try client.readResponse().status == (isFull ? 503 : 200))
        }
        for client in busy { #expect(!client.isReadable) }
        if !isFull { #expect(try last.readToEnd() == []) }
        #expect(server.refusals.count == (isFull ? 20 : 0))
    }

    /// Otherwise viewers would take the place of the camera that they watch.
    @Test func `a camera keeps its connection between two frames`() throws {
        let server = try TestServer(budget: ConnectionBudget(maxConnections: 2, maxPerAddress: 500)) { head in
            guard head.path == "/upload" else { return TestServer.answersOrHolds(head) }
            return .take { connection in
                connection.purpose = .upload
                connection.respond(HTTPResponse(200, body: .bytes([0x21])))
            }
        }
        let camera = try server.connect()
        func upload() throws {
            try camera.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            #expect(try camera.readResponse().status == 200)
        }
        try upload()
        let silent = try server.connect()
        try eventually("two connections") { server.budget.openConnections == 2 }
        let viewer = try server.connect()
        #expect(try silent.readToEnd() == [])
        try server.hold(viewer, count: 1)
        #expect(try server.connect().readResponse().status == 503)
        try upload()
    }

    @Test(arguments: UInt64(1)...10)
    func `in any order of coming, asking and staying it is the longest idle one that goes`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let limit = 6
        let server = try Self.makeServer(maxConnections: limit)
        var idle: [TestClient] = []
        var busy: [TestClient] = []
        var count = 0
        for _ in 0..<60 {
            if !idle.isEmpty, Int.random(in: 0..<3, using: &random) > 0 {
                let client = idle.remove(at: Int.random(in: 0..<idle.count, using: &random))
                if busy.count < limit - 2, Int.random(in: 0..<4, using: &random) == 0 {
                    busy.append(client)
                    try server.hold(client, count: busy.count)
                } else {
                    try Self.ask(client)
                    idle.append(client)
                }
                continue
            }
            let isFull = idle.count + busy.count == limit
            let client = try server.connect()
            if isFull { #expect(try idle.removeFirst().readToEnd() == [], "seed \(seed)") }
            idle.append(client)
            count += 1
            try eventually("it has entered") { server.moves.count { $0.from == nil } == count }
            for other in idle + busy { #expect(!other.isReadable, "seed \(seed)") }
        }
        #expect(server.refusals.isEmpty, "seed \(seed)")
    }

    @Test func `a handshake that hangs is idle`() throws {
        let server = try Self.makeServer(maxConnections: 2, tls: TestPairs.makeSwitch())
        let silent = try (0..<2).map { _ in try server.connect() }
        try eventually("two connections") { server.budget.openConnections == 2 }
        var peers: [OpenSSLPeer] = []
        for count in 1...2 {
            let peer = try OpenSSLPeer(server.address)
            peers.append(peer)
            try peer.write(Self.request)
            #expect(try String(decoding: peer.read(15), as: UTF8.self) == "HTTP/1.1 200 OK")
            #expect(server.rooms.count == count)
        }
        for client in silent { try client.waitForEnd() }
        withExtendedLifetime(peers) {}
        try eventually("they are counted") { server.handshakes.filter { $0 == .failed }.count == 2 }
    }

    /// Its request may be on its way, and nothing would repeat it.
    @Test func `one that has only just come stays until it could have asked`() throws {
        let server = try Self.makeServer(maxConnections: 1)
        var count = 0
        // The test itself may be too slow for the time that a new connection has.
        for _ in 0..<100 {
            let first = try server.connect()
            let second = try server.connect()
            count += 2
            try eventually("both have come") { server.moves.count { $0.from == nil } == count }
            try? first.send(Self.request)
            guard let answer = try? first.readResponse() else { continue }
            #expect(answer.status == 200)
            return try Self.ask(second)
        }
        Issue.record("a new connection goes before it can ask")
    }

    @Test func `a head that has only just begun stays, and one that drips goes`() throws {
        let server = try Self.makeServer(maxConnections: 2)
        let slow = try server.connect()
        try slow.send("GET / HTTP/1.1\r\n")
        try eventually("one connection") { server.budget.openConnections == 1 }
        let silent = try server.connect()
        try eventually("two connections") { server.budget.openConnections == 2 }
        let third = try server.connect()
        try Self.ask(third)
        #expect(try silent.readToEnd() == [])
        try server.hold(third, count: 1)
        // Now the slow connection is the only one that may go, once it has had its second.
        try eventually("there is room for another one") { try server.get("/").status == 200 }
        #expect(try slow.readToEnd() == [])
        #expect(!third.isReadable)
    }

    @Test func `an answer that is with the kernel arrives though its connection has made room`() throws {
        let body = (0..<12_000).map { UInt8(truncatingIfNeeded: $0) }
        let budget = ConnectionBudget(maxConnections: 1, maxPerAddress: 5)
        let server = try TestServer(budget: budget) { _ in .answer(HTTPResponse(200, body: .bytes(body))) }
        let slow = try server.connect(receiveBufferBytes: 2048)
        try slow.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        try eventually("the server lingers") { server.phases == [.ending: 1] }
        #expect(try server.get("/").body == body)
        #expect(server.rooms == [.total])
        #expect(try slow.readResponse().body == body)
    }

    @Test(arguments: [false, true])
    func `the limit of an address makes room among its own`(isBehindProxy: Bool) throws {
        let server = try Self.makeServer(maxConnections: 100, maxPerAddress: 2, isBehindProxy: isBehindProxy)
        let first = try server.connect()
        try Self.ask(first)
        let second = try server.connect()
        try Self.ask(second)
        let third = try server.connect()
        try Self.ask(third)
        // A proxy's address covers many clients.
        #expect(server.rooms.count == (isBehindProxy ? 0 : 1))
        if isBehindProxy { try Self.ask(first) } else { #expect(try first.readToEnd() == []) }
        try Self.ask(second)
    }

    @Test func `a flood that comes and goes leaves nothing behind`() throws {
        let server = try Self.makeServer(maxConnections: 20)
        let viewer = try server.connect()
        try server.hold(viewer, count: 1)
        for round in 0..<20 {
            let flood = try (0..<50).map { _ in try server.connect() }
            let visitor = try server.connect()
            try Self.ask(visitor)
            if round % 2 == 0 { for client in flood { try client.reset() } }
        }
        #expect(!viewer.isReadable)
        try viewer.reset()
        try eventually("nobody is left") { try server.connectionCount() == 0 }
        #expect(server.budget.openConnections == 0)
    }
}
