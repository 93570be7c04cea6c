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
        let poller = try Poller()
        try poller.add(socket, token: 7, for: .writable)
        var events: [Poller.Event] = []
        while events.isEmpty { try poller.wait(timeout: .seconds(1), into: &events) }
        #expect(events.map(\.token) == [7])
        #expect(events.first?.readiness.contains(.writable) == true)
        #expect(events.first?.readiness.isDisjoint(with: .gone) == false)
        #expect(socket.connectionError()?.code == ECONNREFUSED)
    }

    @Test func `nothing is ready in an empty poller, and the wait is as long as it says`() throws {
        let poller = try Poller()
        var events = [Poller.Event(token: 1, readiness: .readable)]
        let before = SystemClock.monotonic()
        try poller.wait(timeout: .milliseconds(20), into: &events)
        #expect(SystemClock.monotonic() - before >= .milliseconds(20))
        #expect(events.isEmpty)
    }

    @Test func `a closed socket can be closed again, and watched or used no more`() throws {
        let socket = try ClientSocket(connectingTo: nobody)
        socket.close()
        socket.close()
        let poller = try Poller()
        #expect(throws: LibEventError.self) { try poller.add(socket, token: 0, for: .readable) }
        var buffer = [UInt8](repeating: 0, count: 10)
        guard case .failed(let error) = socket.read(into: &buffer) else {
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
        #expect(throws: LibEventError.self) { try ClientSocket(connectingTo: address) }
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
