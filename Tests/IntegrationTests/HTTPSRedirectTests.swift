// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// Pages requested without TLS where TLS is required.
@Suite struct HTTPSRedirectTests {
    private static func withRedirect(_ port: Int = 30443, _ test: (RunningRelay) throws -> Void) throws {
        var proxies = TrustedProxies()
        try proxies.insert(parsing: "127.0.0.1")
        try withRelay(
            {
                [proxies] in
                $0.trustedProxies = proxies
                $0.tls.redirectPort = port
            }, test)
    }

    @Test(arguments: [
        "/", "/camera", "/camera?camera=door", "/watch", "/watch/door", "/doctor", "/css/base.css", "/nothing",
        "/watch/a%2Db?x=%2F&y=%C3%A9",
    ])
    func `pages and their files are sent to where TLS is`(_ target: String) throws {
        try Self.withRedirect { relay in
            for method in ["GET", "HEAD"] {
                let answer = try relay.request(method, target)
                #expect(answer.status == 308)
                #expect(answer.field("location") == "https://relay.local:30443\(target)")
                #expect(answer.field("cache-control") == "no-store")
                #expect(answer.field("strict-transport-security") == nil)
            }
        }
    }

    @Test func `the usual port is left out`() throws {
        try Self.withRedirect(443) { relay in
            let answer = try relay.request("GET", "/")
            #expect(answer.field("location") == "https://relay.local/")
        }
    }

    @Test func `what programs ask for stays where it is`() throws {
        try Self.withRedirect { relay in
            let camera = try relay.connect()
            try camera.publish(JPEGSamples.grey, to: "door")
            for target in [
                "/snapshot/door", "/cameras", "/cameras/door", "/healthz", "/readyz", "/metrics", "/doctor/info",
                "/?action=snapshot&camera=door",
            ] {
                #expect(try relay.request("GET", target).status == 200, "\(target)")
            }
            let viewer = try relay.view("/stream/door")
            #expect(try viewer.part().jpeg == JPEGSamples.grey)
            #expect(try relay.request("OPTIONS", "/").status == 204)
            #expect(try relay.request("POST", "/").status == 405)
        }
    }

    @Test func `who comes by TLS is served`() throws {
        try Self.withRedirect { relay in
            let client = try relay.connect()
            #expect(try client.request("GET", "/", ["X-Forwarded-Proto: https"]).status == 200)
            #expect(try client.request("GET", "/", ["X-Forwarded-Proto: http"]).status == 308)
        }
        try withRelay({ $0.tls.redirectPort = 443 }) { relay in
            // Any client can send this field.
            let answer = try relay.request("GET", "/", "X-Forwarded-Proto: https")
            #expect(answer.status == 308)
        }
    }

    @Test(arguments: ["", "a,b", "evil.test;x", "a%0d%0ab", "[::1", "user:pw"])
    func `a host that is none comes back in no answer`(_ host: String) throws {
        try Self.withRedirect { relay in
            let client = try relay.connect()
            try client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            let answer = try client.readResponse()
            #expect(answer.status == 400)
            #expect(answer.reason == "bad-request")
            #expect(answer.field("location") == nil)
            #expect(host.isEmpty || !answer.text.contains(host))
        }
    }

    @Test func `a request without a host is told so`() throws {
        try Self.withRedirect { relay in
            let client = try relay.connect()
            try client.send("GET / HTTP/1.0\r\n\r\n")
            #expect(try client.readResponse().reason == "bad-request")
        }
    }
}
