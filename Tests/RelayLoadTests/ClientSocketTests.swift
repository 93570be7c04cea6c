// SPDX-License-Identifier: MIT
import Glibc
import System
import Testing

@testable import LibEvent

/// The client side of LibEvent without a server. With one, every integration test uses it.
struct ClientSocketTests {
    /// An address without a server: nothing listens on port 1 (tcpmux).
    private let nobody = ClientAddress.tcp(host: "127.0.0.1", port: 1)

    @Test(.timeLimit(.minutes(1)))
    func `a refused connection becomes writable and tells why`() throws {
        let socket = try ClientSocket(connectingTo: nobody)
        let loop = try EventLoop()
        var seen: [Readiness] = []
        let watch = try SocketWatch(socket.descriptor, on: loop) { seen.append($0) }
        watch.interest = .writable
        while seen.isEmpty { loop.runTurn() }
        #expect(seen == [.writable])
        #expect(socket.connectionError()?.code == ECONNREFUSED)
    }

    @Test func `a turn in which nothing comes is as long as its alarm says`() throws {
        let loop = try EventLoop(isPrecise: true)
        let alarm = try LoopTimer(on: loop, isRepeating: false) {}
        for milliseconds in [20, 3] {
            let before = SystemClock.monotonic()
            alarm.start(after: .milliseconds(milliseconds))
            loop.runTurn()
            #expect(SystemClock.monotonic() - before >= .milliseconds(milliseconds))
        }
    }

    @Test func `a closed socket can be closed again, and used no more`() throws {
        let socket = try ClientSocket(connectingTo: nobody)
        socket.close()
        socket.close()
        var buffer = [UInt8](repeating: 0, count: 10)
        guard case .failed(.broken(let error)) = socket.read(into: &buffer) else {
            Issue.record("a closed socket was read")
            return
        }
        #expect(error.code == EBADF)
    }

    @Test(arguments: [
        ClientAddress.tcp(host: "example.org", port: 80), .tcp(host: "127.0.0.256", port: 80), .tcp(host: "", port: 80),
        .unix(path: ""), .unix(path: String(repeating: "x", count: 108)),
    ])
    func `an address that cannot be one is refused`(address: ClientAddress) {
        #expect(throws: SystemError.self) { try ClientSocket(connectingTo: address) }
    }

    @Test func `addresses are written as they are typed`() {
        #expect(ClientAddress.tcp(host: "127.0.0.1", port: 8080).description == "127.0.0.1:8080")
        #expect(ClientAddress.tcp(host: "::1", port: 8080).description == "[::1]:8080")
        #expect(ClientAddress.unix(path: "/run/x.sock").description == "unix:/run/x.sock")
    }

    @Test func `bytes are equal only when all of them are`() {
        func areEqual(_ left: String, _ right: String) -> Bool {
            let (left, right) = (Array(left.utf8), Array(right.utf8))
            return haveEqualBytes(left.span, right.span)
        }
        #expect(areEqual("relayload", "relayload"))
        #expect(!areEqual("relayload", "relayloae"))
        #expect(!areEqual("relayload", "relayloa"))
        #expect(areEqual("", ""))
    }
}
