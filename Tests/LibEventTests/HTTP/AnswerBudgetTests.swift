// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import Synchronization
import TestSupport
import Testing
import WireFormat

/// The memory that unread answers may hold.
@Suite struct AnswerBudgetTests {
    private static let megabyte = 1 << 20

    /// Creates a server whose paths give the size of the answer in MiB. If answers hold too much, the loop closes the
    /// connections that hold most.
    private static func makeServer(_ answers: AnswerBudget, tls: TLSSwitch? = nil) throws -> TestServer {
        try TestServer(answers: answers, tls: tls) { head in
            let size = Int(head.path.dropFirst().prefix { $0.isNumber }) ?? 0
            return .answer(HTTPResponse(200, body: .bytes([UInt8](repeating: 0x61, count: size * megabyte))))
        }
    }

    private static func ask(_ server: TestServer, megabytes: Int, tls: ClientTLS? = nil) throws -> TestClient {
        let client = try server.connect(receiveBufferBytes: 4096, tls: tls)
        try client.send("GET /\(megabytes) HTTP/1.1\r\nHost: x\r\n\r\n")
        try eventually("the answer is under way") { client.isReadable }
        // The first bytes arrive before the loop has counted the rest.
        _ = try server.connectionCount()
        return client
    }

    @Test(arguments: [false, true])
    func `what waits is counted until it is read, or its connection ends`(_ isTLS: Bool) throws {
        let answers = AnswerBudget()
        let server = try Self.makeServer(answers, tls: isTLS ? TestPairs.makeSwitch() : nil)
        let tls = isTLS ? try ClientTLS() : nil
        let reads = try Self.ask(server, megabytes: 16, tls: tls)
        let goes = try Self.ask(server, megabytes: 16, tls: tls)
        // The kernel's buffers hold the rest.
        #expect(answers.heldBytes > 8 * Self.megabyte)
        try goes.reset()
        try eventually("one is left") { try server.connectionCount() == 1 }
        #expect((1...16 * Self.megabyte).contains(answers.heldBytes))
        #expect(try reads.readResponse().body.count == 16 * Self.megabyte)
        try eventually("nothing waits") { answers.heldBytes == 0 }
    }

    @Test func `a connection for which too much waits ends`() throws {
        let answers = AnswerBudget(maxBytes: .max, maxBytesPerConnection: 8 * Self.megabyte)
        let server = try Self.makeServer(answers)
        let modest = try Self.ask(server, megabytes: 8)
        let greedy = try Self.ask(server, megabytes: 16)
        try greedy.waitForEnd()
        #expect(try modest.readResponse().body.count == 8 * Self.megabyte)
        try eventually("nothing waits") { answers.heldBytes == 0 }
    }

    @Test func `of all that wait those go first that hold most for longest`() throws {
        let answers = AnswerBudget()
        let server = try Self.makeServer(answers)
        let large = try Self.ask(server, megabytes: 24)
        let small = try Self.ask(server, megabytes: 10)
        answers.setLimits(maxBytes: answers.heldBytes + Self.megabyte, maxBytesPerConnection: .max)
        #expect(
            try server.ask { server in
                server.shedAnswers()
                return server.connectionCount
            } == 2)
        let late = try Self.ask(server, megabytes: 12)
        #expect(answers.heldBytes > answers.maxBytes)
        #expect(
            try server.ask { server in
                server.shedAnswers()
                return server.connectionCount
            } == 2)
        try large.waitForEnd()
        #expect(try small.readResponse().body.count == 10 * Self.megabyte)
        #expect(try late.readResponse().body.count == 12 * Self.megabyte)
    }

    @Test func `frames that stay in memory anyway end nobody`() throws {
        let block = try makeBlock([UInt8](repeating: 0x61, count: 8 * Self.megabyte))
        let server = try TestServer { _ in .answer(HTTPResponse(200, body: .shared(block, 0..<block.count))) }
        let clients = try (0..<3).map { _ in try Self.ask(server, megabytes: 0) }
        let key = ObjectIdentifier(block)
        #expect(
            try server.ask { server in
                server.shedFrames(1, keeping: [key])
                return server.connectionCount
            } == 3)
        #expect(
            try server.ask { server in
                server.shedFrames(1, keeping: [])
                return server.connectionCount
            } == 0)
        for client in clients { try client.waitForEnd() }
    }
}
