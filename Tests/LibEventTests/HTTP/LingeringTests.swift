// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import TestSupport
import Testing
import WireFormat

/// The kernel holds the last answer of a connection. The connection ends when its peer has that answer, whatever the
/// peer sends meanwhile.
@Suite struct LingeringTests {
    /// Returns less than the kernel takes from one sender (`TCP_NOTSENT_LOWAT`), and more than a reader with small
    /// buffers has room for.
    private static func body(_ seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 10_000...14_000, using: &random)
        return (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    }

    private static func makeServer(
        tls: TLSSwitch? = nil, limits: HTTPLimits = TestServer.limits, _ body: [UInt8]
    ) throws -> TestServer {
        try TestServer.sending(HTTPResponse(200, body: .bytes(body)), limits: limits, tls: tls)
    }

    private static func request(_ path: String, isLast: Bool = true) -> String {
        "GET \(path) HTTP/1.1\r\nHost: x\r\n\(isLast ? "Connection: close\r\n" : "")\r\n"
    }

    private static func waitUntilLingering(_ server: TestServer) throws {
        try eventually("the server lingers") { server.phases == [.ending: 1] }
    }

    /// Returns a client that has a little of its answer when the server has given all of it to the kernel.
    private static func slowClient(of server: TestServer, _ path: String, isLast: Bool = true) throws -> TestClient {
        let client = try server.connect(receiveBufferBytes: 2048)
        try client.send(request(path, isLast: isLast))
        try waitUntilLingering(server)
        _ = try client.readHead()
        return client
    }

    /// The server's socket was closed once the kernel had everything; the next byte from the client then reset the
    /// connection, and the rest was lost.
    @Test(arguments: ["/", "/taken", "/stream"], UInt64(1)...5)
    func `a slow reader gets everything though it sends more`(_ path: String, _ seed: UInt64) throws {
        let body = Self.body(seed)
        let server = try Self.makeServer(body)
        let client = try Self.slowClient(of: server, path)
        var received: [UInt8] = []
        for _ in 0..<20 {
            try client.send("more of it")
            received += try client.read(100)
        }
        received += try client.readToEnd()
        #expect(received == body, "seed \(seed)")
        client.close()
        try eventually("nobody is left") { try server.connectionCount() == 0 }
    }

    @Test(arguments: ["/", "/stream"], UInt64(1)...5)
    func `over TLS, a goodbye before anything is read costs nothing`(_ path: String, _ seed: UInt64) throws {
        let body = Self.body(seed)
        let server = try Self.makeServer(tls: TestPairs.makeSwitch(), body)
        let peer = try OpenSSLPeer(server.address, receiveBufferBytes: 2048)
        try peer.write(Self.request(path))
        try Self.waitUntilLingering(server)
        peer.sayGoodbye()
        let received = try #require(peer.readToGoodbye())
        #expect(areSame(received.suffix(body.count), body[...]), "seed \(seed)")
        peer.endSocket()
        try eventually("nobody is left") { try server.connectionCount() == 0 }
    }

    @Test func `a kept connection that idles out still delivers its answer`() throws {
        var limits = TestServer.limits
        limits.idleTimeout = .milliseconds(300)
        let body = Self.body(6)
        let server = try Self.makeServer(limits: limits, body)
        let client = try Self.slowClient(of: server, "/", isLast: false)
        try client.send(Self.request("/"))
        #expect(try client.readToEnd() == body)
    }

    @Test func `who reads nothing at all is ended by the stall limit`() throws {
        var limits = TestServer.limits
        limits.stallTimeout = .milliseconds(300)
        let server = try Self.makeServer(limits: limits, Self.body(7))
        let client = try Self.slowClient(of: server, "/")
        try eventually("nobody is left") { try server.connectionCount() == 0 }
        client.close()
    }

    @Test func `a server's end does not wait for a slow reader, who still gets everything`() throws {
        let body = Self.body(8)
        let server = try Self.makeServer(body)
        let client = try Self.slowClient(of: server, "/")
        _ = try server.ask { $0.beginDraining() }
        try eventually("nobody is left") { try server.connectionCount() == 0 }
        #expect(try client.readToEnd() == body)
    }
}
