// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System
import Testing
import TestSupport
import WireFormat

/// Each limit against a peer that misses it.
@Suite(.timeLimit(.minutes(1)))
struct OutgoingLimitTests {
    private static let short = Duration.milliseconds(60)
    private static let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    /// Returns limits of which one is short.
    private func limits(_ short: WritableKeyPath<OutgoingLimits, Duration>) -> OutgoingLimits {
        var limits = OutgoingLimits(each: .seconds(10))
        limits[keyPath: short] = Self.short
        return limits
    }

    private func limits(_ short: WritableKeyPath<OutgoingLimits, Duration?>) -> OutgoingLimits {
        var limits = OutgoingLimits(each: .seconds(10))
        limits[keyPath: short] = Self.short
        return limits
    }

    /// Sends one request and runs until the end. `act` is called in each turn.
    private func failure(
        of peer: HeldPeer, _ limits: OutgoingLimits, bytes: [UInt8] = Array(request.utf8), act: () throws -> Void = {}
    ) throws -> ClientError? {
        // Before the send, with which the limit begins.
        let before = SystemClock.monotonic()
        let watcher = try ExchangeWatcher(peer.address, limits)
        watcher.exchange.send(bytes, method: "GET")
        try watcher.run("the end") {
            try act()
            return watcher.ends > 0
        }
        if case .timedOut = watcher.error { #expect(SystemClock.monotonic() - before >= Self.short) }
        #expect(watcher.ends == 1)
        // It resets the connection with its own end.
        return withExtendedLifetime(peer) { watcher.error }
    }

    @Test func `an unanswered connection`() throws {
        let full = try FullListener()
        let watcher = try ConnectionWatcher()
        watcher.connect(.addresses([full.address]), limits(\.connection))
        try watcher.run("the end") { watcher.end != nil }
        #expect(watcher.end?.error == .timedOut(.connection))
    }

    @Test func `addresses that all are unanswered share one limit`() throws {
        let full = try FullListener()
        let watcher = try ConnectionWatcher()
        watcher.connect(.addresses([full.address, full.address, full.address]), limits(\.connection))
        let before = SystemClock.monotonic()
        try watcher.run("the end") { watcher.end != nil }
        #expect(watcher.end?.error == .timedOut(.connection))
        #expect(SystemClock.monotonic() - before < .seconds(5))
    }

    @Test func `a peer that says nothing in the handshake`() throws {
        let peer = try HeldPeer()
        let watcher = try ConnectionWatcher()
        watcher.connect(.addresses([peer.address]), limits(\.handshake), tls: try ClientTLS(trusting: .anyone))
        try watcher.run("the end") { watcher.end != nil }
        #expect(watcher.end?.error == .timedOut(.handshake))
    }

    @Test func `a peer that reads nothing`() throws {
        let request = [UInt8](repeating: 0, count: 50_000_000)
        let sending = try failure(of: try HeldPeer(), limits(\.sending), bytes: request)
        #expect(sending == .timedOut(.sending))
        let silence = try failure(of: try HeldPeer(), limits(\.silence), bytes: request)
        #expect(silence == .timedOut(.silence))
    }

    @Test func `a peer that does not answer`() throws {
        #expect(try failure(of: try HeldPeer(), limits(\.head)) == .timedOut(.head))
    }

    @Test func `a peer that sends its head drop by drop`() throws {
        let peer = try HeldPeer()
        let error = try failure(of: peer, limits(\.head)) { try peer.send("H") }
        // Whichever comes first: the limit, or the end of what can be a head.
        #expect(error == .timedOut(.head) || error == .tooLarge(limitBytes: 4096))
    }

    @Test func `a peer that sends interim answers without end`() throws {
        let peer = try HeldPeer()
        let error = try failure(of: peer, limits(\.head)) { try peer.send("HTTP/1.1 100 Continue\r\n\r\n") }
        #expect(error == .timedOut(.head))
    }

    @Test func `a peer that sends its body drop by drop`() throws {
        let peer = try HeldPeer()
        var hasBegun = false
        let error = try failure(of: peer, limits(\.body)) {
            try peer.send(hasBegun ? "x" : "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            hasBegun = true
        }
        #expect(error == .timedOut(.body))
    }

    @Test func `a peer that falls silent in its body`() throws {
        let peer = try HeldPeer()
        var limits = self.limits(\.silence)
        limits.body = nil
        var hasBegun = false
        let error = try failure(of: peer, limits) {
            if !hasBegun { try peer.send("HTTP/1.1 200 OK\r\n\r\nx") }
            hasBegun = true
        }
        #expect(error == .timedOut(.silence))
    }

    @Test func `a peer that is silent, but for drops, for longer than the limit of silence`() throws {
        let peer = try HeldPeer()
        var limits = self.limits(\.silence)
        limits.body = nil
        let watcher = try ExchangeWatcher(peer.address, limits)
        watcher.exchange.send(Array(Self.request.utf8), method: "GET")
        try peer.send("HTTP/1.1 200 OK\r\n\r\n")
        let before = SystemClock.monotonic()
        try watcher.run("five times the limit") {
            try peer.send("x")
            return SystemClock.monotonic() - before > Self.short * 5 || watcher.ends > 0
        }
        #expect(watcher.ends == 0)
    }

    @Test func `silence while the owner does not read is nobody's fault`() throws {
        let peer = try HeldPeer()
        let watcher = try ConnectionWatcher()
        let connection = watcher.connect(.addresses([peer.address]), limits(\.silence))
        connection.pause()
        try watcher.run("the connection") { watcher.isOpen }
        try watcher.idle(Self.short * 3)
        #expect(watcher.end == nil)
        connection.resume()
        try watcher.run("the end") { watcher.end != nil }
        #expect(watcher.end?.error == .timedOut(.silence))
    }

    @Test func `the whole, whatever the peer does`() throws {
        let peer = try HeldPeer()
        let error = try failure(of: peer, limits(\.whole)) { try peer.send("HTTP/1.1 100 Continue\r\n\r\n") }
        #expect(error == .timedOut(.head))
    }
}
