// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// Clients behind a proxy on this machine; the tests' own connections are the proxy's.
@Suite struct TrustedProxyTests {
    private static func withProxiedRelay(
        threads: Int = 1, trusting texts: [String] = ["127.0.0.1"],
        _ change: (inout Configuration) -> Void = { _ in }, _ test: (RunningRelay) throws -> Void
    ) throws {
        var proxies = TrustedProxies()
        for text in texts { try proxies.insert(parsing: text) }
        try withRelay(
            threads: threads,
            {
                $0.trustedProxies = proxies
                change(&$0)
            }, test)
    }

    private static func client(_ address: String) -> String { "X-Forwarded-For: \(address)" }

    @Test func `the client is told in the log and to itself`() throws {
        try Self.withProxiedRelay { relay in
            let fields = ["X-Forwarded-For: 10.9.9.9, 203.0.113.9", "X-Forwarded-Proto: https"]
            let connection = try relay.connect()
            let json = try connection.request("GET", "/doctor/info", fields).json()
            #expect(json["client"]?.string == "203.0.113.9")
            #expect(json["peer"]?.string == "127.0.0.1")
            #expect(json["trusted"] == .bool(true))
            #expect(json["forwarded"] == .bool(true))
            #expect(json["scheme"]?.string == "https")
            #expect(try connection.request("GET", "/", fields).status == 200)
            #expect(try connection.request("GET", "/nothing", fields).status == 404)
            try eventually("the page's line") {
                relay.log.has("request", "path=/ ", "client=203.0.113.9", "peer=127.0.0.1:")
            }
            #expect(relay.log.has("refused", "peer=203.0.113.9", "reason=not-found"))
        }
    }

    @Test func `without trust anybody may write what he likes, and it counts for nothing`() throws {
        try withRelay { relay in
            let connection = try relay.connect()
            #expect(try connection.request("GET", "/", [Self.client("203.0.113.9")]).status == 200)
            #expect(try connection.request("GET", "/nothing", [Self.client("203.0.113.9")]).status == 404)
            try eventually("the page's line") { relay.log.has("request", "path=/ ") }
            #expect(!relay.log.all.contains { $0.contains("203.0.113.9") }, "\(relay.log.all)")
        }
    }

    @Test func `what comes through a proxy may not publish, trusted or not`() throws {
        try Self.withProxiedRelay { relay in
            for field in [Self.client("127.0.0.1"), Self.client("203.0.113.9"), "Forwarded: for=127.0.0.1"] {
                let answer = try relay.upload(JPEGSamples.grey, to: nil, field)
                #expect(answer.status == 403)
                #expect(answer.reason == "publishing-not-allowed")
            }
            #expect(try relay.upload(JPEGSamples.grey).status == 200)
        }
    }

    @Test(arguments: [1, 4]) func `a client has as many streams as an address may, and no more`(threads: Int) throws {
        try Self.withProxiedRelay(threads: threads, { $0.limits.maxConnectionsPerAddress = 2 }) { relay in
            try relay.connect().publish(JPEGSamples.grey)
            let first = try (0..<2).map { _ in try relay.view("/stream", Self.client("203.0.113.1")) }
            let refused = try relay.connect()
            let answer = try refused.request("GET", "/stream", [Self.client("203.0.113.1")])
            #expect(answer.status == 429)
            #expect(answer.reason == "too-many-connections")
            #expect(try refused.readToEnd() == [])
            // The place counted for the refused stream is free again.
            try eventually("two viewers") { relay.viewers.taken == 2 }
            #expect(try relay.request("GET", "/cameras/default").json()["viewers"]?.int == 2)
            let others = try (0..<4).map { try relay.view("/stream", Self.client("203.0.113.\(2 + $0 % 2)")) }
            for viewer in first + others { #expect(try viewer.part().jpeg == JPEGSamples.grey) }
            // Short requests are not counted.
            #expect(try relay.request("GET", "/cameras", Self.client("203.0.113.1")).status == 200)
            first[0].client.close()
            try eventually("the place is free") { relay.viewers.taken == 5 }
            #expect(try relay.view("/stream", Self.client("203.0.113.1")).part().jpeg == JPEGSamples.grey)
        }
    }

    @Test func `requests that wait count too, until they are answered`() throws {
        try Self.withProxiedRelay({ $0.limits.maxConnectionsPerAddress = 1 }) { relay in
            let camera = try relay.connect()
            let sequence = try camera.publish(JPEGSamples.grey)
            let target = "/snapshot?after=\(sequence)"
            let waiting = try relay.connect()
            try waiting.send(RequestText.head("GET", target, [Self.client("203.0.113.1")]))
            try relay.wait(for: "evrelay_connections{state=\"wait\"}", 1)
            let refused = try relay.request("GET", target, Self.client("203.0.113.1"))
            #expect(refused.status == 429)
            let other = try relay.connect()
            try other.send(RequestText.head("GET", target, [Self.client("203.0.113.2")]))
            try relay.wait(for: "evrelay_connections{state=\"wait\"}", 2)
            try camera.publish(JPEGSamples.colour)
            #expect(try waiting.readResponse().body == JPEGSamples.colour)
            #expect(try other.readResponse().body == JPEGSamples.colour)
            // No client waits any more, so none watches.
            let answer = try camera.upload(JPEGSamples.grey)
            #expect(answer.status == 200)
            #expect(
                try waiting.request("GET", "/snapshot?after=\(sequence)", [Self.client("203.0.113.1")]).status == 200)
        }
    }

    @Test func `a camera that is only waited for is gone when the one who was refused was the only one`() throws {
        try Self.withProxiedRelay({ $0.limits.maxConnectionsPerAddress = 1 }) { relay in
            let viewer = try relay.view("/stream/a", Self.client("203.0.113.1"))
            #expect(try relay.request("GET", "/stream/b", Self.client("203.0.113.1")).status == 429)
            try relay.connect().publish(JPEGSamples.grey, to: "b")
            #expect(try relay.request("GET", "/cameras/b").json()["viewers"]?.int == 0)
            viewer.client.close()
        }
    }

    @Test func `uploads and the doctor's parts count as well`() throws {
        try Self.withProxiedRelay({
            $0.isPublishingOpen = true
            $0.limits.maxConnectionsPerAddress = 1
        }) { relay in
            let viewer = try relay.view("/stream", Self.client("203.0.113.1"))
            let upload = try relay.upload(JPEGSamples.grey, to: nil, Self.client("203.0.113.1"))
            #expect(upload.status == 429)
            try eventually("its room is given back") { relay.ledger.usedBytes == 0 }
            #expect(try relay.request("GET", "/doctor/stream", Self.client("203.0.113.1")).status == 429)
            #expect(try relay.upload(JPEGSamples.grey, to: nil, Self.client("203.0.113.2")).status == 200)
            #expect(try viewer.part().jpeg == JPEGSamples.grey)
            try relay.wait(for: "evrelay_upload_refusals_total{reason=\"too-many-connections\"}", 1)
            try relay.wait(for: "evrelay_refusals_total{reason=\"too-many-connections\"}", 1)
        }
    }

    @Test func `a proxy on a unix socket is trusted as unix`() throws {
        let path = "/tmp/evrelay-test-\(ProcessControl.randomNumber()).sock"
        try Self.withProxiedRelay(trusting: ["unix"], { $0.listen = [.unix(path: path)] }) { relay in
            let json = try relay.request("GET", "/doctor/info", Self.client("2001:db8::9")).json()
            #expect(json["client"]?.string == "2001:db8::9")
            #expect(json["peer"]?.string == "unix")
            #expect(json["trusted"] == .bool(true))
        }
    }
}
