// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing

@testable import EvRelay

/// Access rights over real connections.
@Suite struct AccessTests {
    private let fixture = AccessFixture()
    private typealias Keys = AccessFixture

    private static let basicChallenge = "Basic realm=\"EvRelay\", charset=\"UTF-8\""
    private static let bearerChallenge = "Bearer realm=\"EvRelay\""

    @Test(arguments: [1, 4]) func `each right opens what it is for, on its cameras`(threads: Int) throws {
        try fixture.run(threads: threads, flags: ["private": ["on"]]) { (relay) throws in
            #expect(try relay.upload(JPEGSamples.grey, to: "door", Keys.bearer(Keys.doorKey)).status == 200)
            #expect(try relay.upload(JPEGSamples.grey, to: "shop-1", Keys.bearer(Keys.publishKey)).status == 200)
            #expect(try relay.upload(JPEGSamples.grey, to: "garden", Keys.bearer(Keys.publishKey)).status == 200)
            for (key, target, status) in [
                (Keys.viewKey, "/snapshot/door", 200), (Keys.doorKey, "/snapshot/door.jpg", 200),
                (Keys.doorKey, "/snapshot/garden", 403), (Keys.publishKey, "/snapshot/door", 403),
                (Keys.observeKey, "/snapshot/door", 403), (Keys.observeKey, "/cameras/door", 200),
                (Keys.observeKey, "/cameras/garden", 403), (Keys.viewKey, "/cameras/garden", 200),
                (Keys.publishKey, "/cameras", 403), (Keys.observeKey, "/metrics", 200), (Keys.viewKey, "/metrics", 403),
                (Keys.viewKey, "/?action=snapshot&camera=door", 200), (Keys.doorKey, "/?action=snapshot", 403),
                // It is the first of the cameras that the key may view.
                (Keys.doorKey, "/?action=snapshot_0", 200), (Keys.doorKey, "/?action=snapshot_1", 404),
                (Keys.viewKey, "/?action=snapshot_2", 200),
            ] {
                for method in ["GET", "HEAD"] {
                    let answer = try relay.request(method, target, Keys.bearer(key))
                    #expect(answer.status == status, "\(method) \(target) with \(key)")
                    if method == "GET", status == 403 { #expect(answer.reason == "right-missing", "\(target)") }
                }
                #expect(try relay.request("GET", target).status == 401, "\(target)")
            }
            for key in [Keys.viewKey, Keys.observeKey] {
                let answer = try relay.upload(JPEGSamples.grey, to: "door", Keys.bearer(key))
                #expect(answer.status == 403)
                #expect(answer.reason == "right-missing")
            }
            #expect(
                try relay.upload(JPEGSamples.grey, to: "garden", Keys.bearer(Keys.doorKey)).reason == "right-missing")
            Keys.expectNoSecrets(relay)
        }
    }

    @Test func `lists and metrics show the cameras that may be seen, and no other`() throws {
        try fixture.run(flags: ["private": ["on"]]) { (relay) throws in
            for camera in ["door", "shop-1", "garden"] {
                #expect(try relay.upload(JPEGSamples.grey, to: camera, Keys.bearer(Keys.publishKey)).status == 200)
            }
            func names(_ key: String) throws -> [String] {
                try relay.request("GET", "/cameras", Keys.bearer(key)).json()["cameras"]?.elements?
                    .compactMap { $0["name"]?.string } ?? []
            }
            #expect(try names(Keys.viewKey) == ["door", "garden", "shop-1"])
            #expect(try names(Keys.observeKey) == ["door", "shop-1"])
            #expect(try names(Keys.doorKey) == ["door"])
            #expect(try names(Keys.token([.view], "gar*")) == ["garden"])
            let page = try relay.request("GET", "/metrics", Keys.bearer(Keys.observeKey)).text
            #expect(page.contains("camera=\"door\"") && page.contains("camera=\"shop-1\""))
            #expect(!page.contains("garden"))
            #expect(page.contains("evrelay_cameras{state=\"live\"} 3"))
        }
    }

    @Test func `pages, files and the state of the service are open`() throws {
        try fixture.run(flags: ["private": ["on"]]) { (relay) throws in
            for target in ["/", "/camera", "/watch/door", "/healthz", "/readyz", "/doctor"] {
                #expect(try relay.request("GET", target).status == 200, "\(target)")
            }
            #expect(try relay.request("GET", "/watch").status == 308)
            #expect(try relay.request("OPTIONS", "/stream").status == 204)
        }
    }

    @Test func `a stream is seen with a key in any of three ways`() throws {
        try fixture.run(flags: ["private": ["on"]]) { (relay) throws in
            #expect(try relay.upload(JPEGSamples.grey, to: "door", Keys.bearer(Keys.publishKey)).status == 200)
            let token = try Keys.token([.view], "door")
            for viewer in [
                try relay.view("/stream/door?key=\(Keys.viewKey)"), try relay.view("/stream/door?fps=5&key=\(token)"),
                try relay.view("/stream/door", Keys.bearer(token)),
                try relay.view("/stream/door", Keys.basic(Keys.viewKey)),
                try relay.view("/stream/door", Keys.basic(token, user: "anna")),
            ] {
                #expect(try viewer.part().jpeg == JPEGSamples.grey)
                viewer.client.close()
            }
            Keys.expectNoSecrets(relay, token)
        }
    }

    @Test func `who has nothing is asked for it, in two ways or, a page's script, in one`() throws {
        try fixture.run(flags: ["private": ["on"]]) { (relay) throws in
            for (fields, challenge) in [
                ([], "\(Self.basicChallenge) | \(Self.bearerChallenge)"),
                (["Sec-Fetch-Dest: image"], "\(Self.basicChallenge) | \(Self.bearerChallenge)"),
                (["Sec-Fetch-Dest: empty"], Self.bearerChallenge),
                (["X-Requested-With: EvRelay"], Self.bearerChallenge),
            ] {
                for target in ["/stream", "/snapshot/door?after=1", "/cameras", "/metrics"] {
                    let answer = try relay.connect().request("GET", target, fields)
                    #expect(answer.status == 401)
                    #expect(answer.phrase == "Unauthorized")
                    #expect(answer.reason == "key-required")
                    #expect(answer.field("www-authenticate") == challenge, "\(target) \(fields)")
                }
                let upload = try relay.connect().upload(JPEGSamples.grey, to: nil, fields)
                #expect(upload.reason == "key-required")
                #expect(upload.field("www-authenticate") == challenge)
            }
            let refused = try relay.request("GET", "/metrics", Keys.bearer(Keys.viewKey))
            #expect(refused.field("www-authenticate") == nil)
        }
    }

    @Test func `without keys this machine alone may publish, and it is said how to change that`() throws {
        try withRelay { (relay) throws in
            #expect(try relay.upload(JPEGSamples.grey).status == 200)
            let answer = try relay.upload(JPEGSamples.grey, to: nil, "X-Forwarded-For: 203.0.113.9")
            #expect(answer.status == 403)
            #expect(answer.reason == "publishing-not-allowed")
            #expect(answer.text.contains("--keys") && answer.text.contains("--open-publishing"))
        }
    }

    @Test func `a wrong key does no harm where none is needed`() throws {
        try fixture.run { (relay) throws in
            #expect(try relay.upload(JPEGSamples.grey, to: nil, Keys.bearer(Keys.publishKey)).status == 200)
            for _ in 0..<30 {
                #expect(try relay.request("GET", "/snapshot?key=\(Keys.wrongKey)").status == 200)
            }
            #expect(try relay.view("/stream?key=\(Keys.wrongKey)").part().jpeg == JPEGSamples.grey)
        }
    }

    @Test func `the doctor tells whether the request's key may publish`() throws {
        try fixture.run { (relay) throws in
            for (fields, isAllowed, reason) in [
                ([], false, "key-required"), ([Keys.bearer(Keys.publishKey)], true, nil),
                ([Keys.bearer(Keys.doorKey)], true, nil), ([Keys.bearer(Keys.viewKey)], false, "right-missing"),
                ([Keys.bearer(Keys.wrongKey)], false, "key-wrong"), ([Keys.bearer("a.b.c")], false, "token-invalid"),
                (["Origin: https://evil.example"], false, "origin-not-allowed"),
            ] as [([String], Bool, String?)] {
                let answer = try relay.connect().request("GET", "/doctor/info", fields)
                #expect(answer.status == 200)
                let json = try answer.json()
                #expect(json["publishing"] == .bool(isAllowed), "\(fields)")
                #expect(json["publishing_reason"] == (reason.map { .string($0) } ?? .null))
            }
            // Guesses count here as everywhere.
            let start = SystemClock.monotonic()
            #expect(try relay.request("GET", "/doctor/info", Keys.bearer(Keys.wrongKey)).status == 200)
            #expect(SystemClock.monotonic() - start > .milliseconds(200))
        }
    }

    @Test func `a browser that opens a stream's address is led to the page, and its key goes along behind the hash`()
        throws
    {
        try fixture.run(flags: ["private": ["on"]]) { (relay) throws in
            let token = try Keys.token([.view])
            for (target, location) in [
                ("/stream/door", "../watch/door"),
                ("/stream/door?key=\(Keys.viewKey)", "../watch/door#key=\(Keys.viewKey)"),
                ("/stream?key=\(token)&fps=1", "watch/default#key=\(token)"),
                ("/?action=stream&camera=a&key=\(Keys.wrongKey)", "watch/a#key=\(Keys.wrongKey)"),
                ("/stream/door?key=", "../watch/door"), ("/stream/door?key=a%0d%0aX%3a%20b", "../watch/door"),
                ("/stream/door?key=%3Cscript%3E", "../watch/door"), ("/stream/door?key=a.b%2Fc.d", "../watch/door"),
            ] {
                let answer = try relay.request("GET", target, "Sec-Fetch-Dest: document")
                #expect(answer.status == 302)
                #expect(answer.field("location") == location)
                #expect(answer.field("cache-control") == "no-store")
            }
            Keys.expectNoSecrets(relay, token)
        }
    }

    @Test func `the server is known by its names to those on its network`() throws {
        func ask(_ relay: RunningRelay, host: String, _ fields: String = "") throws -> TestResponse {
            let client = try relay.connect()
            try client.send("GET /snapshot HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n")
            return try client.readResponse()
        }
        try fixture.run(flags: ["allow-host": ["cam.example"]]) { (relay) throws in
            #expect(try relay.upload(JPEGSamples.grey, to: nil, Keys.bearer(Keys.publishKey)).status == 200)
            for host in ["127.0.0.1", "localhost:1", "cam.example", "[::1]"] {
                #expect(try ask(relay, host: host).status == 200)
            }
            let refused = try ask(relay, host: "evil.example")
            #expect(refused.status == 421)
            #expect(refused.phrase == "Misdirected Request")
            #expect(refused.reason == "unknown-host")
            #expect(refused.text.contains("--allow-host"))
            #expect(try ask(relay, host: "evil.example", "X-Forwarded-For: 203.0.113.9\r\n").status == 421)
        }
        try fixture.run(flags: ["private": ["on"]]) { (relay) throws in
            #expect(try ask(relay, host: "evil.example").reason == "key-required")
            #expect(try ask(relay, host: "evil.example", Keys.bearer(Keys.viewKey) + "\r\n").status == 404)
        }
    }

    /// `/doctor/info` told every client how many cameras and viewers a private relay has.
    @Test func `the doctor counts for nobody what they may not see`() throws {
        try fixture.run(flags: ["private": ["on"]]) { (relay) throws in
            for camera in ["door", "garden"] {
                #expect(try relay.upload(JPEGSamples.grey, to: camera, Keys.bearer(Keys.publishKey)).status == 200)
            }
            let viewer = try relay.view("/stream/garden", Keys.bearer(Keys.viewKey))
            func info(_ fields: String...) throws -> JSONValue {
                let answer = try relay.connect().request("GET", "/doctor/info", fields)
                #expect(answer.status == 200)
                return try answer.json()
            }
            for key in [nil, Keys.wrongKey, Keys.publishKey] {
                let seen = try key.map { try info(Keys.bearer($0)) } ?? info()
                #expect(seen["cameras"] == nil && seen["viewers"] == nil, "\(key ?? "")")
            }
            let all = try info(Keys.bearer(Keys.viewKey))
            #expect(all["cameras"]?.int == 2 && all["viewers"]?.int == 1)
            let door = try info(Keys.bearer(Keys.doorKey))
            #expect(door["cameras"]?.int == 1 && door["viewers"]?.int == 0)
            viewer.client.close()
        }
    }

    @Test func `a wrong key counts once at the doctor, too`() throws {
        let flags = ["private": ["on"], "max-key-failures": ["3"]]
        try fixture.run(flags: flags) { (relay) throws in
            let ask = { try relay.request("GET", "/doctor/info", Keys.bearer(Keys.wrongKey)).json() }
            for _ in 1...3 { #expect(try ask()["publishing_reason"]?.string == "key-wrong") }
            #expect(try ask()["publishing_reason"]?.string == "too-many-wrong-keys")
        }
    }
}
