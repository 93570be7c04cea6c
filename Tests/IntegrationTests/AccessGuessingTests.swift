// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing

@testable import EvRelay

/// Clients that try key after key.
@Suite struct AccessGuessingTests {
    private let fixture = AccessFixture()
    private typealias Keys = AccessFixture

    /// Sends a request through a proxy on this machine, as this client.
    private static func ask(_ relay: RunningRelay, client: String, key: String) throws -> TestResponse {
        try relay.request("GET", "/metrics", "X-Forwarded-For: \(client)", Keys.bearer(key))
    }

    private static let proxied = ["private": ["on"], "trusted-proxy": ["127.0.0.1"]]

    @Test func `the third wrong key has to wait, and with too many the address is refused`() throws {
        try fixture.run(flags: ["max-key-failures": ["4"], "private": ["on"]]) { (relay) throws in
            var times: [Duration] = []
            for number in 0..<4 {
                let start = SystemClock.monotonic()
                let answer = try relay.request("GET", "/stream?key=wrong-key-number-\(number)")
                times.append(SystemClock.monotonic() - start)
                #expect(answer.status == 401)
                #expect(answer.reason == "key-wrong")
                #expect(answer.field("www-authenticate")?.contains("Basic") == true)
            }
            #expect(times[0] < .milliseconds(200) && times[1] < .milliseconds(200), "\(times)")
            #expect(times[2] >= .milliseconds(250) && times[3] >= .milliseconds(500), "\(times)")
            // The right key too is refused: no client at this address is known to have it.
            for key in [Keys.viewKey, Keys.wrongKey] {
                let answer = try relay.request("GET", "/stream", Keys.bearer(key))
                #expect(answer.status == 429)
                #expect(answer.reason == "too-many-wrong-keys")
                #expect((590...600).contains(Int(answer.field("retry-after") ?? "") ?? 0))
            }
            // Requests that need no key are still answered.
            #expect(try relay.request("GET", "/healthz").status == 200)
            let metrics = relay.log.all.filter { $0.contains("too-many-wrong-keys") }
            #expect(metrics.count == 1, "one line for a flood")
            Keys.expectNoSecrets(relay, "wrong-key-number")
        }
    }

    @Test(arguments: [1, 4]) func `many guesses at once are counted together on all loops`(threads: Int) throws {
        try fixture.run(threads: threads, flags: ["max-key-failures": ["6"], "private": ["on"]]) { (relay) throws in
            let address = relay.address
            try together(12) { number in
                let answer = try TestClient(address).request("GET", "/metrics?key=wrong-key-number-\(number)")
                guard [401, 429].contains(answer.status) else { throw WaitError("a refusal, not \(answer.status)") }
            }
            #expect(try relay.request("GET", "/metrics", Keys.bearer(Keys.observeKey)).status == 429)
        }
    }

    @Test func `an upload with a wrong key has to wait without sending its frame`() throws {
        try fixture.run(flags: ["max-frame-bytes": ["4MiB"]]) { (relay) throws in
            let frame = JPEGSamples.frame(byteCount: 2 << 20)
            for number in 0..<4 {
                let client = try relay.connect()
                try client.send(
                    RequestText.head(
                        "POST", "/upload",
                        [
                            "Content-Type: image/jpeg", "Content-Length: \(frame.count)", Keys.bearer(Keys.wrongKey),
                        ]))
                let start = SystemClock.monotonic()
                _ = try client.sendUntilAnswered(frame)
                let answer = try client.readResponse(to: "POST")
                #expect(answer.reason == "key-wrong")
                #expect(number < 2 || SystemClock.monotonic() - start >= .milliseconds(200))
            }
            #expect(try relay.request("GET", "/snapshot").status == 404)
        }
    }

    @Test func `neighbours behind one address go on with the keys they had, and cannot be locked out`() throws {
        try fixture.run(flags: Self.proxied.merging(["max-key-failures": ["2"]]) { $1 }) { (relay) throws in
            let (home, elsewhere) = ("203.0.113.1", "203.0.113.2")
            #expect(try Self.ask(relay, client: home, key: Keys.observeKey).status == 200)
            for _ in 0..<2 { #expect(try Self.ask(relay, client: home, key: Keys.wrongKey).status == 401) }
            for _ in 0..<5 {
                #expect(try Self.ask(relay, client: home, key: Keys.wrongKey).status == 429)
                #expect(try Self.ask(relay, client: home, key: Keys.observeKey).status == 200)
            }
            // A key that was not known there before is refused too.
            #expect(try Self.ask(relay, client: home, key: Keys.doorKey).status == 429)
            #expect(try Self.ask(relay, client: elsewhere, key: Keys.doorKey).status == 200)
        }
    }

    @Test func `one customer's IPv6 addresses are one`() throws {
        try fixture.run(flags: Self.proxied.merging(["max-key-failures": ["2"]]) { $1 }) { (relay) throws in
            for number in 1...2 {
                #expect(try Self.ask(relay, client: "2001:db8:0:1::\(number)", key: Keys.wrongKey).status == 401)
            }
            #expect(try Self.ask(relay, client: "2001:db8:0:1:ffff::9", key: Keys.observeKey).status == 429)
            #expect(try Self.ask(relay, client: "2001:db8:0:2::1", key: Keys.observeKey).status == 200)
        }
    }

    @Test func `an address may try again after some time`() throws {
        try fixture.run(flags: ["max-key-failures": ["1"], "key-failure-time": ["1s"], "private": ["on"]]) {
            (relay) throws in
            #expect(try relay.request("GET", "/metrics", Keys.bearer(Keys.wrongKey)).status == 401)
            let refused = try relay.request("GET", "/metrics", Keys.bearer(Keys.observeKey))
            #expect(refused.status == 429)
            #expect(refused.field("retry-after") == "1")
            try eventually("the time is over") {
                try relay.request("GET", "/metrics", Keys.bearer(Keys.observeKey)).status == 200
            }
        }
    }

    @Test func `forged links of every kind are refused, and count`() throws {
        try fixture.run(flags: ["private": ["on"], "max-key-failures": ["1000"], "key-failure-time": ["1s"]]) {
            (relay) throws in
            let good = try Keys.token([.observe])
            let parts = good.split(separator: ".").map(String.init)
            let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
            let other = try Keys.token([.observe], secret: String(repeating: "s", count: 32))
            #expect(try relay.request("GET", "/metrics?key=\(good)").status == 200)
            let forged = [
                "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1]).", "..", "a.b.c",
                other,
                "\(parts[0]).\(parts[1]).\(parts[2])=", "\(good).", ".\(good)",
            ]
            for token in forged {
                let answer = try relay.request("GET", "/metrics?key=\(token)")
                #expect(answer.status == 401, "\(token)")
                // With more or fewer dots it is neither a token nor a key.
                let isToken = token.split(separator: ".", omittingEmptySubsequences: false).count == 3
                #expect(answer.reason == (isToken ? "token-invalid" : "key-wrong"), "\(token)")
                // Longer than the delay after the last one: this test is about refusals, not about delays.
                pause(until: SystemClock.monotonic() + .milliseconds(1_010))
            }
            Keys.expectNoSecrets(relay, good, other)
        }
    }

    @Test func `a shutdown waits for nobody who has to wait`() throws {
        try fixture.run(flags: ["private": ["on"], "drain-timeout": ["30s"]]) { (relay) throws in
            let clients = try (0..<8).map { _ in try relay.connect() }
            for client in clients { try client.send(RequestText.head("GET", "/metrics?key=\(Keys.wrongKey)")) }
            // The first two are answered at once, the last ones only after seconds.
            try eventually("the others wait") { clients.count { $0.isReadable } >= 2 }
            relay.shutDown()
            for client in clients { #expect(try client.readResponse().reason == "key-wrong") }
            try relay.stop(within: .seconds(3))
        }
    }
}
