// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

/// The beginning and the end of a server on a thread.
@Suite struct HTTPServerLifeTests {
    private final class Handler: HTTPHandler {
        func admit(_ head: RequestHead, from peer: PeerAddress, isEncrypted: Bool) -> Admission {
            head.path == "/taken"
                ? .take { _ in } : .answer(HTTPResponse(200, body: .bytes(Array("ok".utf8))))
        }

        func response(to refusal: GateRefusal) -> HTTPResponse { HTTPResponse(503) }

        func gateRefused(_ refusal: GateRefusal, peer: PeerAddress) {}

        func connectionFailed(_ failure: ConnectionFailure, peer: PeerAddress?) {}
    }

    private static func makeServer(
        _ loop: EventLoop, _ handler: Handler, _ sockets: ListenSocket...
    ) throws -> HTTPServer {
        let budget = ConnectionBudget(maxConnections: 10, maxPerAddress: 10)
        let server = try HTTPServer(on: loop, limits: TestServer.limits, budget: budget, handler: handler)
        for socket in sockets { try server.accept(from: socket) }
        return server
    }

    private static func address(_ socket: ListenSocket) -> ClientAddress {
        .tcp(host: "127.0.0.1", port: socket.port ?? 0)
    }

    /// Runs the loop until a client on its own thread has finished.
    private static func run(_ loop: TestLoop, beside client: @escaping @Sendable () throws -> Void) throws {
        let wakeup = try loop.wakeup { loop.stop() }
        let other = try Beside { _ in
            defer { wakeup.signal() }
            try client()
        }
        try loop.run()
        wakeup.close()
        try other.join()
    }

    @Sendable private static func expectAnswer(at address: ClientAddress) throws {
        let client = try TestClient(address, patience: .seconds(5))
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try client.readResponse().text == "ok")
    }

    @Test func `a server accepts from several sockets`() throws {
        let loop = try TestLoop()
        let handler = Handler()
        let sockets = try [ListenSocket.local(), ListenSocket.local()]
        let addresses = sockets.map(Self.address)
        let server = try Self.makeServer(loop.loop, handler, sockets[0], sockets[1])
        try Self.run(loop) { for address in addresses { try Self.expectAnswer(at: address) } }
        server.close()
        server.close()
        #expect(server.connectionCount == 0)
        withExtendedLifetime(handler) {}
    }

    @Test func `another server serves on the thread of one that has gone`() throws {
        let loop = try TestLoop()
        let handler = Handler()
        var first: HTTPServer? = try Self.makeServer(loop.loop, handler)
        first?.close()
        let socket = try ListenSocket.local()
        let address = Self.address(socket)
        let second = try Self.makeServer(loop.loop, handler, socket)
        first = nil
        try Self.run(loop) { try Self.expectAnswer(at: address) }
        second.close()
        withExtendedLifetime(handler) {}
    }

    @Test func `a server that goes without close ends its connections`() async {
        await #expect(processExitsWith: .success) {
            let loop = try TestLoop()
            let handler = Handler()
            let socket = try ListenSocket.local()
            let client = try ClientSocket(connectingTo: HTTPServerLifeTests.address(socket))
            var server: HTTPServer? = try HTTPServerLifeTests.makeServer(loop.loop, handler, socket)
            _ = client.write(Array("GET /taken HTTP/1.1\r\nHost: x\r\n\r\n".utf8).span)
            let timer = try loop.timer(isRepeating: true) { if server?.connectionCount == 1 { loop.stop() } }
            timer.start(after: .milliseconds(10))
            try loop.run()
            timer.cancel()
            server = nil
            #expect(client.wait(for: .readable, timeout: .seconds(5)).contains(.readable))
            withExtendedLifetime(handler) {}
        }
    }
}
