// SPDX-License-Identifier: MIT
import Crypto
import Glibc
import LibEvent
import Synchronization
import System
import Testing
import TestSupport
import WireFormat

@testable import LibEvent

/// No connection monopolizes its loop.
@Suite struct FairTurnTests {
    private static let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let ok = HTTPResponse(200, body: .bytes(Array("!".utf8)))

    /// A batch of one peer's requests was answered whole before any other connection was served.
    @Test(arguments: [false, true])
    func `who sends hundreds of requests in one go lets others have their turn in between`(_ isTLS: Bool) throws {
        let order = EventList()
        let server = try TestServer(tls: isTLS ? TestPairs.makeSwitch() : nil) { head in
            order.add(head.path)
            return .answer(Self.ok)
        }
        let many = try server.connect(tls: isTLS ? ClientTLS() : nil)
        let other = try server.connect(tls: isTLS ? ClientTLS() : nil)
        for client in [many, other] {
            try client.send(Self.request)
            _ = try client.readResponse()
        }
        try server.holdingLoop {
            try many.send(String(repeating: "GET /many HTTP/1.1\r\nHost: x\r\n\r\n", count: 400))
            try other.send("GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
        }
        for _ in 0..<400 { #expect(try many.readResponse().text == "!") }
        #expect(try other.readResponse().text == "!")
        let place = try #require(order.all.firstIndex(of: "/other"))
        #expect(order.all.count == 2 + 401)
        #expect(place < 2 + 3 * 16)
    }

    /// 13.5 MB of nothing but new keys kept a loop busy for 6.7 s, in which no other connection was served.
    @Test func `who does nothing but change keys is cut`() throws {
        let server = try TestServer(tls: TestPairs.makeSwitch()) { _ in .answer(Self.ok) }
        let peer = try OpenSSLPeer(server.address)
        try peer.write(Self.request)
        _ = peer.changeKeys(times: 100_000)
        try eventually("the connection is cut") { try server.connectionCount() == 0 }
    }

    @Test func `who changes keys now and then is served on`() throws {
        let server = try TestServer(tls: TestPairs.makeSwitch()) { _ in .answer(Self.ok) }
        let peer = try OpenSSLPeer(server.address)
        for _ in 0..<KeyChangeLimit.maxChanges {
            #expect(peer.changeKeys(times: 1) == 1)
            try peer.write(Self.request)
            var answer = ""
            while !answer.hasSuffix("!") { answer += String(decoding: try peer.read(1), as: UTF8.self) }
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test func `the limit of key changes counts those of one minute`() {
        var limit = KeyChangeLimit()
        let began = SystemClock.monotonic()
        for round in 0..<3 {
            let now = began + KeyChangeLimit.interval * round
            for _ in 0..<KeyChangeLimit.maxChanges {
                let isOneTooMany = limit.isOneTooMany(now: now)
                #expect(!isOneTooMany)
            }
        }
        let isOneTooMany = limit.isOneTooMany(now: began + KeyChangeLimit.interval * 2)
        #expect(isOneTooMany)
    }
}

extension TestServer {
    /// Runs `body` while the server's loop waits, so that everything sent meanwhile arrives in one turn of the loop.
    fileprivate func holdingLoop(_ body: () throws -> Void) throws {
        let isHolding = SharedFlag()
        let mayGo = SharedFlag()
        let thread = try LoopThread(name: "holder") {
            _ = try? self.ask { _ in
                isHolding.value.store(true, ordering: .releasing)
                while !mayGo.value.load(ordering: .acquiring) { sched_yield() }
                return true
            }
        }
        defer {
            mayGo.value.store(true, ordering: .releasing)
            thread.join()
        }
        try eventually("the loop waits") { isHolding.value.load(ordering: .acquiring) }
        try body()
    }
}

/// A flag that threads can share.
private final class SharedFlag: Sendable {
    let value = Atomic<Bool>(false)
}
