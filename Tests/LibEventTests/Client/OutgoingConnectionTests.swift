// SPDX-License-Identifier: MIT
import Glibc
import System
import Testing
import TestSupport

@testable import LibEvent

@Suite(.timeLimit(.minutes(1)))
struct OutgoingConnectionTests {
    /// An address without a server: nothing listens on port 1 (tcpmux).
    private let nobody = ClientAddress.tcp(host: "127.0.0.1", port: 1)

    private func addresses(of host: String, port: UInt16) throws -> [ClientAddress] {
        let watcher = try ConnectionWatcher()
        watcher.connect(.host(host, port: port))
        try watcher.run("the end") { watcher.end != nil || watcher.isOpen }
        return watcher.connection?.addresses ?? []
    }

    @Test func `the next address is tried where one refuses`() throws {
        let peer = try ScriptedPeer("x")
        let watcher = try ConnectionWatcher()
        watcher.connect(.addresses([nobody, peer.address]))
        try watcher.run("the connection") { watcher.isOpen }
        #expect(watcher.connection?.address == peer.address)
        #expect(watcher.connection?.connectTime ?? .seconds(1) < .milliseconds(250))
    }

    @Test func `what the last address said is told where none answers`() throws {
        let watcher = try ConnectionWatcher()
        watcher.connect(.addresses([nobody, nobody]))
        try watcher.run("the end") { watcher.end != nil }
        guard case .notConnected(let reason) = watcher.end?.error else {
            Issue.record("\(String(describing: watcher.end))")
            return
        }
        #expect(reason.code == ECONNREFUSED)
    }

    @Test func `an address that swallows everything costs a quarter of a second`() throws {
        let full = try FullListener()
        let peer = try ScriptedPeer("x")
        let watcher = try ConnectionWatcher()
        watcher.connect(.addresses([full.address, peer.address]))
        try watcher.run("the connection") { watcher.isOpen }
        #expect(watcher.connection?.address == peer.address)
        // libevent's timers may be a few milliseconds early: its clock is coarse.
        #expect(240...3000 ~= (watcher.connection?.connectTime ?? .zero).wholeMilliseconds)
    }

    @Test func `addresses in digits are found without asking anybody`() throws {
        #expect(try addresses(of: "127.0.0.1", port: 1) == [.tcp(host: "127.0.0.1", port: 1)])
        #expect(try addresses(of: "::1", port: 1) == [.tcp(host: "::1", port: 1)])
        let names = try addresses(of: "localhost", port: 1)
        #expect(names.contains(.tcp(host: "127.0.0.1", port: 1)) || names.contains(.tcp(host: "::1", port: 1)))
    }

    @Test(arguments: ["no such name.invalid", "", "a\0b", String(repeating: "x", count: 2000)])
    func `a name that cannot be one is unknown`(_ name: String) throws {
        let watcher = try ConnectionWatcher()
        watcher.connect(.host(name, port: 80), OutgoingLimits(each: .seconds(30)))
        try watcher.run("the end", within: .seconds(40)) { watcher.end != nil }
        guard case .nameUnknown(let reason) = watcher.end?.error else {
            Issue.record("\(String(describing: watcher.end))")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test func `digits are told from names`() {
        #expect(ClientAddress.tcp(host: "192.0.2.1", port: 1).isNumeric)
        #expect(ClientAddress.tcp(host: "2001:db8::1", port: 1).isNumeric)
        #expect(!ClientAddress.tcp(host: "example.org", port: 1).isNumeric)
        #expect(!ClientAddress.tcp(host: "192.0.2", port: 1).isNumeric)
        #expect(!ClientAddress.unix(path: "/x").isNumeric)
    }

    @Test func `the two families take turns, and the system's order holds within them`() {
        func address(_ host: String) -> ClientAddress { .tcp(host: host, port: 1) }
        let given = ["::1", "::2", "::3", "10.0.0.1", "10.0.0.2"].map(address)
        let tried = ["::1", "10.0.0.1", "::2", "10.0.0.2", "::3"].map(address)
        #expect(ConnectRace.order(given) == tried)
        #expect(ConnectRace.order(["10.0.0.1", "::1", "::2"].map(address)) == ["10.0.0.1", "::1", "::2"].map(address))
        #expect(ConnectRace.order([]) == [])
    }

    @Test func `no address at all is an unknown name`() throws {
        let watcher = try ConnectionWatcher()
        watcher.connect(.addresses([]))
        #expect(watcher.end == nil, "told from within the call")
        try watcher.run("the end") { watcher.end != nil }
        #expect(watcher.end?.error == .nameUnknown("no address"))
    }

    @Test func `bytes pass both ways, however many and whenever they are written`() throws {
        let peer = try EchoPeer()
        let watcher = try ConnectionWatcher()
        watcher.connect(.addresses([peer.address]))
        // Before the connection is there.
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 5) }
        watcher.connection?.write(Array(bytes[..<1000]))
        watcher.connection?.write(Array(bytes[1000..<2_000_000]))
        try watcher.run("the beginning") { watcher.received.count >= 1000 }
        watcher.connection?.write(Array(bytes[2_000_000...]))
        try watcher.run("all bytes") { watcher.received.count >= bytes.count }
        #expect(areSame(watcher.received[...], bytes[...]))
        #expect(watcher.connection?.pendingBytes == 0)
    }

    @Test func `a paused connection reads nothing, and one with an allowance no more than that`() throws {
        let peer = try ScriptedPeer("0123456789")
        let watcher = try ConnectionWatcher()
        let connection = watcher.connect(.addresses([peer.address]))
        connection.pause()
        connection.write([1])
        try watcher.run("the connection") { watcher.isOpen }
        try watcher.idle(.milliseconds(50))
        #expect(watcher.received.isEmpty)
        connection.receive(atMost: 3)
        try watcher.run("three bytes") { watcher.received.count >= 3 }
        try watcher.idle(.milliseconds(50))
        #expect(watcher.received == Array("012".utf8))
        connection.resume()
        try watcher.run("the end") { watcher.end != nil }
        #expect(watcher.received == Array("0123456789".utf8))
        #expect(watcher.end?.error == nil)
    }

    @Test func `a paused connection that is reset ends at once`() throws {
        let peer = try HeldPeer()
        let watcher = try ConnectionWatcher()
        let connection = watcher.connect(.addresses([peer.address]))
        connection.pause()
        try watcher.run("the connection") { watcher.isOpen }
        try peer.reset()
        try watcher.run("the end") { watcher.end != nil }
        guard case .broken(let error) = watcher.end?.error else {
            Issue.record("\(String(describing: watcher.end))")
            return
        }
        #expect(error.code == ECONNRESET)
    }
}
