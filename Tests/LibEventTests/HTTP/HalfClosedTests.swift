// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing
import WireFormat

/// A peer that ends its side may still read: its request is answered, and transfers in progress continue.
@Suite struct HalfClosedTests {
    private static let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    /// More than the kernel's buffers of both ends hold.
    private static let manyBytes = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }

    /// The way in which a TLS peer ends its side.
    enum Ending: CaseIterable {
        case goodbye
        case endOfData
        case both
    }

    private static func end(_ peer: OpenSSLPeer, _ ending: Ending) {
        if ending != .endOfData { peer.sayGoodbye() }
        if ending != .goodbye { peer.endSocket() }
    }

    private static let bodies: [HTTPResponse.Body] = {
        guard let block = try? makeBlock(manyBytes) else { return [] }
        return [.bytes(manyBytes), .shared(block, 0..<manyBytes.count)]
    }()

    /// `printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' | nc -N` got nothing: evhttp treated the end of data as the end of
    /// the connection.
    @Test(arguments: ["/", "/taken"]) func `a request with the end of data behind it is answered`(
        _ path: String
    ) throws {
        let server = try TestServer.sending(HTTPResponse(200, body: .bytes(Array("ok".utf8))))
        for version in ["1.0", "1.1"] {
            let client = try server.connect()
            try client.send("GET \(path) HTTP/\(version)\r\nHost: x\r\n\r\n")
            try client.shutdownWrite()
            #expect(try client.readResponse().text == "ok")
            #expect(try client.readToEnd() == [])
        }
        try eventually("nobody is left") { try server.connectionCount() == 0 }
    }

    /// Of 3.9 MB, 145,657 bytes arrived, then the end.
    @Test(arguments: ["/", "/taken", "/stream"], [0, 1])
    func `an answer under way is sent to its end`(_ path: String, _ body: Int) throws {
        let body = Self.bodies[body]
        let server = try TestServer.sending(HTTPResponse(200, body: body))
        let client = try server.connect(receiveBufferBytes: 4096)
        try client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try client.readHead()
        try client.shutdownWrite()
        #expect(try client.readToEnd() == Self.manyBytes)
        try eventually("nobody is left") { try server.connectionCount() == 0 }
    }

    /// libevent stops writing at a goodbye: 16 to 340 KB arrived, and the connection stayed open permanently.
    @Test(arguments: Ending.allCases, [0, 1])
    func `over TLS, too`(_ ending: Ending, _ body: Int) throws {
        let body = Self.bodies[body]
        let server = try TestServer.sending(HTTPResponse(200, body: body), tls: TestPairs.makeSwitch())
        for isTLS12 in [false, true] {
            for path in ["/", "/stream"] {
                let peer = try OpenSSLPeer(server.address, receiveBufferBytes: 4096, isTLS12: isTLS12)
                try peer.write("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                let first = try peer.read(2000)
                Self.end(peer, ending)
                let all = try #require(peer.readToGoodbye())
                let answer = first + all
                #expect(areSame(answer.suffix(Self.manyBytes.count), Self.manyBytes[...]))
            }
        }
        try eventually("nobody is left") { try server.connectionCount() == 0 }
    }

    @Test(arguments: Ending.allCases)
    func `requests that came before the end are answered, over TLS too`(_ ending: Ending) throws {
        let server = try TestServer.sending(
            HTTPResponse(200, body: .bytes(Array("!".utf8))), tls: TestPairs.makeSwitch())
        for count in [1, 3, 100] {
            let peer = try OpenSSLPeer(server.address)
            try peer.write(String(repeating: Self.request, count: count))
            Self.end(peer, ending)
            let text = String(decoding: try #require(peer.readToGoodbye()), as: UTF8.self)
            #expect(text.matches(of: /HTTP\/1.1 200 OK[^!]*!/).count == count)
        }
        try eventually("nobody is left") { try server.connectionCount() == 0 }
    }

    /// A peer asks for much, reads nothing and goes: 20 of 20 connections stayed, each with its frame.
    @Test(arguments: Ending.allCases)
    func `who has gone is not kept`(_ ending: Ending) throws {
        let server = try TestServer.sending(HTTPResponse(200, body: Self.bodies[1]), tls: TestPairs.makeSwitch())
        for _ in 0..<5 {
            for path in ["/", "/taken", "/stream"] {
                let peer = try OpenSSLPeer(server.address, receiveBufferBytes: 4096)
                try peer.write("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                Self.end(peer, ending)
            }
        }
        try eventually("nobody is left") { try server.connectionCount() == 0 }
    }

    @Test(arguments: Ending.allCases)
    func `who stays and reads nothing is ended by the stall limit`(_ ending: Ending) throws {
        var limits = TestServer.limits
        limits.stallTimeout = .milliseconds(300)
        let server = try TestServer.sending(
            HTTPResponse(200, body: Self.bodies[0]), limits: limits, tls: TestPairs.makeSwitch())
        let peers = try ["/", "/taken", "/stream"].map { path in
            let peer = try OpenSSLPeer(server.address, receiveBufferBytes: 4096)
            try peer.write("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            Self.end(peer, ending)
            return peer
        }
        try eventually("nobody is left") { try server.connectionCount() == 0 }
        withExtendedLifetime(peers) {}
    }

    /// A socket closed with unread bytes discarded what the kernel had accepted: 98 of 132 KB arrived.
    @Test func `a stream's last bytes arrive though its viewer has sent more`() throws {
        let bytes = Array(Self.manyBytes.prefix(200_000))
        let block = try makeBlock(bytes)
        let events = EventList()
        let server = try TestServer { _ in
            .take { connection in
                let script = TakenScript(events)
                connection.delegate = script
                script.onReceived = { connection, _ in
                    // The other received bytes stay unread.
                    connection.send(PartRanges(0..<block.count), of: block)
                    connection.closeWhenDrained()
                }
            }
        }
        for _ in 0..<10 {
            let client = try server.connect()
            try client.send(Self.request + String(repeating: "x", count: 10_000))
            #expect(try client.readToEnd() == bytes)
            client.close()
        }
        try eventually("nobody is left") { try server.connectionCount() == 0 }
        #expect(events.all.count { $0 == "closed server" } == 10)
    }

    @Test func `a request cut short by the end of data ends its connection`() throws {
        let server = try TestServer.sending(HTTPResponse(200))
        let client = try server.connect()
        try client.send("GET / HTTP/1.1\r\nHost:")
        try client.shutdownWrite()
        #expect(try client.readToEnd() == [])
        try eventually("nobody is left") { try server.connectionCount() == 0 }
    }
}
