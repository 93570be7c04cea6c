// SPDX-License-Identifier: MIT
import Glibc
import Synchronization
import System
import TestSupport
import Testing

@testable import LibEvent

/// Connections that leave the server and stay open.
@Suite struct DetachTests {
    private let events = EventList()
    private let detached = Detached()

    /// The sockets that the server's thread has detached.
    private final class Detached: Sendable {
        private let sockets = Mutex<[DetachedSocket?]>([])
        func add(_ socket: DetachedSocket?) { sockets.withLock { $0.append(socket) } }
        var all: [DetachedSocket?] { sockets.withLock { $0 } }

        func wait(for count: Int) throws -> [DetachedSocket?] {
            try eventually("\(count) sockets") { all.count == count }
            return all
        }
    }

    /// Creates a server whose streams begin with `opening` and are detached when their client sends something.
    private func makeServer(opening: [UInt8], maxPendingBytes: Int) throws -> TestServer {
        try TestServer.taking(events) { [detached] connection, script in
            connection.startStream(HTTPResponse(200), opening: opening)
            script.onReceived = { connection, input in
                input.drop(input.count)
                detached.add(connection.detach(maxPendingBytes: maxPendingBytes))
            }
        }
    }

    /// Returns a client whose stream has begun.
    private func connect(_ server: TestServer, receiveBufferBytes: Int? = nil) throws -> TestClient {
        let client = try server.connect(receiveBufferBytes: receiveBufferBytes)
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try client.readHead()
        return client
    }

    private static func send(_ text: String, through socket: Descriptor) -> Bool {
        let bytes = Array(text.utf8)
        // Safe: send reads as many bytes as the array has.
        return unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(socket.borrowed, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        } == bytes.count
    }

    private func expectNothingLeft(_ server: TestServer) throws {
        #expect(try server.connectionCount() == 0)
        #expect(server.budget.openConnections == 0)
        #expect(server.phases == [:])
    }

    @Test func `the peer notices nothing, and can be spoken to through the socket`() throws {
        let server = try makeServer(opening: Array("one".utf8), maxPendingBytes: 0)
        let client = try connect(server)
        #expect(try client.read(3) == Array("one".utf8))
        try client.send("go")
        let socket = try #require(try detached.wait(for: 1)[0])
        #expect(socket.pendingBytes == [])
        try expectNothingLeft(server)
        #expect(events.all.filter { $0.hasPrefix("closed") } == ["closed handed-over"])
        // Nor does it end with the server.
        server.stop()
        #expect(!client.isReadable)
        #expect(Self.send("two", through: socket.descriptor))
        #expect(try client.read(3) == Array("two".utf8))
        try client.send("back")
        var bytes = [UInt8](repeating: 0, count: 10)
        // Safe: recv writes at most as many bytes as the array has.
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe recv(socket.descriptor.borrowed, $0.baseAddress, $0.count, 0)
        }
        #expect(Array(bytes.prefix(max(0, count))) == Array("back".utf8))
        _ = Glibc.close(socket.descriptor.take())
        #expect(try client.readToEnd() == [])
    }

    @Test func `what the kernel has not taken is handed over, to the byte`() throws {
        let opening = numbered(0..<8_000_000)
        let server = try makeServer(opening: opening, maxPendingBytes: 8_000_000)
        let client = try connect(server, receiveBufferBytes: 4096)
        try client.send("go")
        let socket = try #require(try detached.wait(for: 1)[0])
        #expect(!socket.pendingBytes.isEmpty)
        try expectNothingLeft(server)
        let received = try client.read(opening.count - socket.pendingBytes.count) + socket.pendingBytes
        let isSame = haveEqualBytes(received.span, opening.span)
        #expect(isSame)
        #expect(!client.isReadable)
    }

    @Test func `with more pending than allowed nothing changes`() throws {
        let opening = numbered(0..<8_000_000)
        let server = try makeServer(opening: opening, maxPendingBytes: 1000)
        let client = try connect(server, receiveBufferBytes: 4096)
        try client.send("go")
        #expect(try detached.wait(for: 1)[0] == nil)
        #expect(try server.connectionCount() == 1)
        #expect(server.phases.values.reduce(0, +) == 1)
        let received = try client.read(opening.count)
        let isSame = haveEqualBytes(received.span, opening.span)
        #expect(isSame)
        // It is read from as before, and once nothing is pending it is detached.
        try events.wait(for: "drained")
        try client.send("again")
        #expect(try detached.wait(for: 2)[1]?.pendingBytes == [])
        try expectNothingLeft(server)
    }

    @Test func `connections one after the other each keep their own peer`() throws {
        let server = try makeServer(opening: [], maxPendingBytes: 0)
        let clients = try (0..<20).map { _ in try connect(server) }
        for client in clients { try client.send("go") }
        let sockets = try detached.wait(for: clients.count).compactMap { $0 }
        #expect(sockets.count == clients.count)
        try expectNothingLeft(server)
        for (number, socket) in sockets.enumerated() {
            #expect(Self.send("\(number + 10)", through: socket.descriptor))
        }
        let received = try clients.map { String(decoding: try $0.read(2), as: UTF8.self) }
        #expect(Set(received) == Set(sockets.indices.map { "\($0 + 10)" }))
        // The server does not confuse its own connections with those that have left.
        #expect(try server.connect().isReadable == false)
    }

    @Test func `a connection that is closed cannot be detached`() throws {
        let server = try TestServer.taking(events) { [detached] connection, _ in
            connection.close()
            detached.add(connection.detach(maxPendingBytes: .max))
        }
        let client = try server.connect()
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try detached.wait(for: 1)[0] == nil)
        #expect(events.all == ["closed server"])
    }
}
