// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System
import TestSupport
import Testing
import WireFormat

@Suite struct HTTPServerTests {
    /// Answers with the path, in the way that the path's first word names.
    @Sendable private static func echo(_ head: RequestHead) -> Admission {
        let response = HTTPResponse(200, headers: [("X-Path", head.path)], body: .bytes(Array(head.path.utf8)))
        switch head.path.split(separator: "/").first {
        case "now": return .answerAndClose(response)
        case "taken": return .take { $0.respond(response) }
        case "empty": return .answer(HTTPResponse(204))
        default: return .answer(response)
        }
    }

    private static func request(_ target: String, _ method: String = "GET", _ fields: String...) -> String {
        ([("\(method) \(target) HTTP/1.1"), "Host: x"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test(arguments: ["/a", "/taken", "/now"])
    func `a request is answered, by each of the three ways`(_ path: String) throws {
        let server = try TestServer(Self.echo)
        let response = try server.get(path)
        #expect(response.status == 200)
        #expect(response.phrase == "OK")
        #expect(response.minorVersion == 1)
        #expect(response.field("x-path") == path)
        #expect(response.field("content-length") == "\(path.utf8.count)")
        let date = try #require(HTTPDate.parse(response.field("date") ?? ""))
        #expect(abs(date - SystemClock.nowMicroseconds() / 1_000_000) < 20)
        #expect(response.text == path)
    }

    @Test(arguments: ["/a", "/taken", "/now"])
    func `the answer to HEAD tells the length and has no body`(_ path: String) throws {
        let server = try TestServer(Self.echo)
        let client = try server.connect()
        try client.send(Self.request(path, "HEAD", "Connection: close"))
        #expect(try client.readResponse(to: "HEAD").field("content-length") == "\(path.utf8.count)")
        #expect(try client.readToEnd() == [])
    }

    @Test func `an answer without a body has no length`() throws {
        let server = try TestServer(Self.echo)
        let client = try server.connect()
        try client.send(Self.request("/empty") + Self.request("/a"))
        let empty = try client.readResponse()
        #expect(empty.status == 204)
        #expect(empty.field("content-length") == nil)
        #expect(empty.field("content-type") == nil)
        #expect(try client.readResponse().text == "/a")
    }

    @Test func `a shared body is sent whole and let go of`() throws {
        let ledger = ByteLedger(limitBytes: 2 << 20)
        let bytes = numbered(0..<1_000_000)
        let server = try TestServer { [ledger] _ in
            let builder = BlockBuilder(
                prefixByteCount: 10, bodyByteCount: 1_000_000, suffixByteCount: 10, countedIn: ledger)
            guard let builder, let input = try? InputBuffer() else { return .answer(HTTPResponse(500)) }
            input.append(numbered(0..<1_000_000))
            builder.fill(from: input)
            let margin = [UInt8](repeating: 0, count: 10)
            guard let block = builder.finish(prefix: margin, suffix: margin) else { return .answer(HTTPResponse(500)) }
            return .answer(HTTPResponse(200, body: .shared(block, 10..<1_000_010)))
        }
        #expect(try server.get("/").body == bytes)
        try eventually("the block is let go of") { ledger.usedBytes == 0 }
    }

    // MARK: - Several requests

    @Test func `requests follow each other on one connection`() throws {
        let server = try TestServer(Self.echo)
        let client = try server.connect()
        for number in 0..<20 {
            let path = number % 2 == 0 ? "/a/\(number)" : "/taken/\(number)"
            try client.send(Self.request(path))
            let response = try client.readResponse()
            #expect(response.text == path)
            #expect(response.field("connection")?.lowercased() != "close")
        }
        #expect(try server.connectionCount() == 1)
        #expect(server.budget.openConnections == 1)
        client.close()
        try eventually("the connection is forgotten") { try server.connectionCount() == 0 }
        #expect(server.budget.openConnections == 0)
    }

    @Test func `requests that come in one go are answered in their order`() throws {
        let server = try TestServer(Self.echo)
        let client = try server.connect()
        let paths = (0..<200).map { $0 % 3 == 0 ? "/taken/\($0)" : "/a/\($0)" }
        try client.send(paths.map { Self.request($0) }.joined())
        for path in paths { #expect(try client.readResponse().text == path) }
    }

    @Test func `thousands of requests that are answered at once do not fill the stack`() throws {
        let server = try TestServer(Self.echo)
        let client = try server.connect()
        let paths = (0..<5000).map { "/taken/\($0)" }
        try client.send(paths.map { Self.request($0) }.joined())
        for path in paths { try #require(try client.readResponse().text == path) }
    }

    @Test func `a head that arrives byte by byte is a request like any other`() throws {
        let server = try TestServer(Self.echo)
        let client = try server.connect()
        for byte in Array(("\r\n" + Self.request("/a") + Self.request("/taken")).utf8) { try client.send([byte]) }
        #expect(try client.readResponse().text == "/a")
        #expect(try client.readResponse().text == "/taken")
    }

    @Test(arguments: ["/a", "/taken"]) func `the connection ends when the client wants it`(_ path: String) throws {
        let server = try TestServer(Self.echo)
        let ends = [
            Self.request(path, "GET", "Connection: close"), "GET \(path) HTTP/1.0\r\n\r\n",
            "GET \(path) HTTP/1.0\r\nHost: x\r\nConnection: upgrade, Close\r\n\r\n",
        ]
        for request in ends {
            let client = try server.connect()
            try client.send(request)
            #expect(try client.readResponse().text == path)
            #expect(try client.readToEnd() == [])
        }
    }

    @Test(arguments: ["/a", "/taken"]) func `HTTP 1 dot 0 may keep its connection`(_ path: String) throws {
        let server = try TestServer(Self.echo)
        let client = try server.connect()
        for _ in 0..<3 {
            try client.send("GET \(path) HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.text == path)
            #expect(response.field("connection")?.lowercased() == "keep-alive")
        }
    }

    // MARK: - Answers that end the connection

    @Test func `an answer at once ends the connection, also with more requests behind`() throws {
        let server = try TestServer(Self.echo)
        let client = try server.connect()
        try client.send(Self.request("/now") + Self.request("/a") + Self.request("/now"))
        let response = try client.readResponse()
        #expect(response.field("connection") == "close")
        #expect(try client.readToEnd() == [])
        client.close()
        try eventually("the connection is forgotten") { try server.connectionCount() == 0 }
    }

    @Test func `an answer at once is read by a client that goes on sending its body`() throws {
        let server = try TestServer(Self.echo)
        let client = try server.connect()
        try client.send(Self.request("/now", "POST", "Content-Length: 200000"))
        for _ in 0..<20 { try client.send([UInt8](repeating: 1, count: 10_000)) }
        #expect(try client.readResponse().text == "/now")
        #expect(try client.readToEnd() == [])
    }

    @Test func `a client that goes on sending for ever is cut off`() throws {
        let server = try TestServer(Self.echo)
        let client = try Pusher(server.address)
        #expect(client.push(Self.request("/now", "POST", "Content-Length: 1000000000")))
        #expect(!client.push([UInt8](repeating: 1, count: 65_536), times: 4096))
        #expect(client.hasFailed)
        try eventually("the connection is forgotten") { try server.connectionCount() == 0 }
    }

    @Test func `a client that stays after its refusal is cut off after a second or two`() throws {
        let server = try TestServer(Self.echo)
        let client = try server.connect()
        try client.send(Self.request("/now"))
        _ = try client.readResponse()
        try eventually("the connection is forgotten", within: .seconds(5)) { try server.connectionCount() == 0 }
        #expect(server.budget.openConnections == 0)
    }
}
