// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing
import WireFormat

/// The handler's reports for its log and its counters.
@Suite struct ReportTests {
    private let events = EventList()
    private static let ok = HTTPResponse(200, body: .bytes(Array("ok".utf8)))

    private func makeServer() throws -> TestServer {
        try TestServer { [events] head in
            switch head.path {
            case "/answered": return .answer(Self.ok)
            case "/big":
                return .answer(HTTPResponse(200, body: .bytes([UInt8](repeating: 0, count: 32 << 20))))
            case "/refused": return .answerAndClose(HTTPResponse(403, body: .bytes(Array("no".utf8))))
            default: break
            }
            return .take { connection in
                let script = TakenScript(events)
                connection.delegate = script
                switch head.path {
                case "/stream":
                    connection.purpose = .stream
                    connection.startStream(HTTPResponse(200), opening: Array("x".utf8))
                case "/wait", "/upload":
                    connection.purpose = head.path == "/wait" ? .wait : .upload
                    script.onReceived = { connection, input in
                        input.drop(input.count)
                        connection.respond(Self.ok)
                    }
                case "/cut":
                    connection.respond(HTTPResponse(200, body: .bytes([UInt8](repeating: 0, count: 32 << 20))))
                case "/late": connection.answerAndClose(HTTPResponse(408, body: .bytes(Array("late".utf8))))
                default: connection.respond(Self.ok)
                }
            }
        }
    }

    private static func request(_ path: String, _ method: String = "GET", _ fields: String = "") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
    }

    private func waitUntilGone(_ server: TestServer) throws {
        try eventually("nobody is left") { try server.connectionCount() == 0 }
        #expect(server.phases == [:])
    }

    // MARK: - Answers

    @Test(arguments: ["/answered", "/taken"]) func `an answer is told once, when it is out`(_ path: String) throws {
        let server = try makeServer()
        let client = try server.connect()
        for number in 1...3 {
            try client.send(Self.request(path))
            #expect(try client.readResponse().text == "ok")
            try eventually("answer \(number)") { server.answers.count == number }
        }
        client.close()
        try waitUntilGone(server)
        #expect(server.answers == .init(repeating: .init(request: "GET \(path)", status: 200, bodyBytes: 2), count: 3))
    }

    @Test func `requests in one go are told one by one`() throws {
        let server = try makeServer()
        let client = try server.connect()
        try client.send(Self.request("/answered") + Self.request("/taken") + Self.request("/refused"))
        for _ in 0..<2 { #expect(try client.readResponse().status == 200) }
        #expect(try client.readResponse().status == 403)
        #expect(try client.readToEnd() == [])
        client.close()
        try waitUntilGone(server)
        #expect(
            server.answers == [
                .init(request: "GET /answered", status: 200, bodyBytes: 2),
                .init(request: "GET /taken", status: 200, bodyBytes: 2),
                .init(request: "GET /refused", status: 403, bodyBytes: 2),
            ])
    }

    @Test(arguments: ["/answered", "/taken", "/refused"])
    func `an answer to HEAD has no body, whatever length it tells`(_ path: String) throws {
        let server = try makeServer()
        let client = try server.connect()
        try client.send(Self.request(path, "HEAD"))
        #expect(try client.readResponse(to: "HEAD").field("content-length") == "2")
        client.close()
        try waitUntilGone(server)
        #expect(server.answers.map(\.bodyBytes) == [0])
        #expect(server.answers.map(\.request) == ["HEAD \(path)"])
    }

    @Test(arguments: [("/refused", 403, 2), ("/late", 408, 4)])
    func `a refusal is told once`(_ path: String, _ status: Int, _ bodyBytes: Int) throws {
        let server = try makeServer()
        let client = try server.connect()
        try client.send(Self.request(path, "POST", "Content-Length: 100000\r\n"))
        #expect(try client.readResponse().status == status)
        #expect(try client.readToEnd() == [])
        client.close()
        try waitUntilGone(server)
        #expect(server.answers == [.init(request: "POST \(path)", status: status, bodyBytes: bodyBytes)])
    }

    @Test func `of a head that cannot be read only the answer is told`() throws {
        let server = try makeServer()
        let client = try server.connect()
        try client.send("GET / HTTP/1.1\r\nHost : x\r\n\r\n")
        #expect(try client.readResponse().status == 400)
        client.close()
        try waitUntilGone(server)
        #expect(server.answers == [.init(request: nil, status: 400, bodyBytes: "badHead".utf8.count)])
    }

    @Test(arguments: ["/big", "/cut"])
    func `an answer whose connection ends before it is out is told too, once`(_ path: String) throws {
        let server = try makeServer()
        let client = try server.connect(receiveBufferBytes: 4096)
        try client.send(Self.request(path))
        try eventually("the answer is under way") { client.isReadable }
        #expect(server.answers == [])
        try client.reset()
        try waitUntilGone(server)
        #expect(server.answers == [.init(request: "GET \(path)", status: 200, bodyBytes: 32 << 20)])
    }

    @Test func `a stream is no answer`() throws {
        let server = try makeServer()
        let client = try server.connect()
        try client.send(Self.request("/stream"))
        _ = try client.readHead()
        client.close()
        try waitUntilGone(server)
        #expect(server.answers == [])
    }

    // MARK: - Phases

    private static func moves(_ phases: [ConnectionPhase]) -> [TestServer.Move] {
        let stations: [ConnectionPhase?] = [nil] + phases + [nil]
        return zip(stations, stations.dropFirst()).map { TestServer.Move(from: $0, to: $1) }
    }

    @Test(
        arguments: [
            ("/answered", [.head, .request, .idle, .head, .request, .idle]),
            ("/taken", [.head, .request, .idle, .head, .request, .idle]),
            ("/wait", [.head, .request, .wait, .idle, .head, .request, .wait, .idle]),
            ("/upload", [.head, .request, .upload, .idle, .head, .request, .upload, .idle]),
        ] as [(String, [ConnectionPhase])])
    func `a connection is told from phase to phase`(_ path: String, _ phases: [ConnectionPhase]) throws {
        let server = try makeServer()
        let client = try server.connect()
        let isUpload = path == "/wait" || path == "/upload"
        for _ in 0..<2 {
            try client.send(Self.request(path, "POST", isUpload ? "Content-Length: 1\r\n" : "") + (isUpload ? "x" : ""))
            #expect(try client.readResponse().status == 200)
            try eventually("the connection is idle") { server.phases == [.idle: 1] }
        }
        client.close()
        try waitUntilGone(server)
        #expect(server.moves == Self.moves(phases))
    }

    @Test(
        arguments: [
            ("/stream", [.head, .request, .stream]), ("/refused", [.head, .refused]),
            ("/late", [.head, .request, .refused]),
        ] as [(String, [ConnectionPhase])])
    func `a connection that ends with its request was never idle`(
        _ path: String, _ phases: [ConnectionPhase]
    ) throws {
        let server = try makeServer()
        let client = try server.connect()
        try client.send(Self.request(path))
        _ = try client.readHead()
        client.close()
        try waitUntilGone(server)
        #expect(server.moves == Self.moves(phases))
    }

    @Test func `who sends nothing is at its head, and who has half a head too`() throws {
        let server = try makeServer()
        let silent = try server.connect()
        let half = try server.connect()
        try half.send("GET / HT")
        try eventually("two connections") { server.phases == [.head: 2] }
        silent.close()
        half.close()
        try waitUntilGone(server)
        #expect(server.moves.count == 4)
    }

    @Test func `connections beyond the limit are counted as refused, and end`() throws {
        let server = try TestServer(
            budget: .init(maxConnections: 1, maxPerAddress: 1), TestServer.answersOrHolds)
        let first = try server.connect()
        try server.hold(first, count: 1)
        let before = server.moves.count
        let second = try server.connect()
        #expect(try second.readResponse().status == 503)
        second.close()
        try eventually("one is left") { server.phases == [.request: 1] }
        #expect(server.moves.dropFirst(before) == Self.moves([.refused])[...])
        first.close()
        try waitUntilGone(server)
    }

    @Test func `many connections at a time leave nothing behind`() throws {
        let server = try makeServer()
        let paths = ["/answered", "/taken", "/stream", "/wait", "/refused", "/late", "/big"]
        let clients = try (0..<80).map { number in
            let client = try server.connect()
            try client.send(Self.request(paths[number % paths.count]))
            return client
        }
        try eventually("all have been accepted") { server.moves.count { $0.from == nil } == clients.count }
        for (number, client) in clients.enumerated() {
            if number % 3 == 0 { try client.reset() } else { client.close() }
        }
        try waitUntilGone(server)
        #expect(server.budget.openConnections == 0)
    }
}
