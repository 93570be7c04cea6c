// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// The security headers of every route.
@Suite struct SecurityHeaderTests {
    private static let site = "https://site.example"
    private static let socket = [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    /// Returns answers of every kind to one client: the request and the head of each.
    private static func answers(_ relay: RunningRelay, _ fields: [String] = []) throws -> [(String, TestResponse)] {
        var answers: [(String, TestResponse)] = []
        func add(_ method: String, _ target: String, _ more: [String] = []) throws {
            let answer = try relay.connect().request(method, target, fields + more)
            answers.append(("\(method) \(target)", answer))
        }
        for target in [
            "/", "/camera", "/watch", "/watch/door", "/css/base.css", "/nothing", "/cameras", "/cameras/door",
            "/cameras/attic", "/cameras/.x", "/healthz", "/readyz", "/metrics", "/snapshot/door", "/snapshot/attic",
            "/snapshot/door?after=x", "/?action=snapshot_9", "/doctor", "/doctor/info", "/doctor/socket",
        ] {
            try add("GET", target)
        }
        for target in ["/", "/stream/door", "/snapshot/door"] { try add("HEAD", target) }
        try add("OPTIONS", "/upload/door")
        try add("OPTIONS", "*")
        try add("DELETE", "/")
        try add("BREW", "/")
        try add("GET", "/stream", ["Sec-Fetch-Dest: document"])
        // Refused before routing.
        try add("GET", "/", ["Bad Name: x"])
        for type in ["image/jpeg", "text/plain"] { try add("POST", "/upload/door", ["Content-Type: \(type)"]) }
        answers.append(("an upload", try relay.connect().upload(JPEGSamples.grey, to: "door", fields)))
        return answers
    }

    @Test func `every answer says that its type is true and that its address stays here, once`() throws {
        try withRelay { relay in
            try relay.connect().publish(JPEGSamples.grey, to: "door")
            for (what, answer) in try Self.answers(relay) {
                #expect(answer.field("x-content-type-options") == "nosniff", "\(what)")
                #expect(answer.field("referrer-policy") == "no-referrer", "\(what)")
                #expect(answer.field("strict-transport-security") == nil, "\(what)")
            }
            let upload = StreamingUpload(framing: .chunked)
            let client = try relay.connect()
            try client.send(upload.head(to: "shed") + upload.part(JPEGSamples.grey) + upload.end())
            #expect(try client.readResponse(to: "POST").field("x-content-type-options") == "nosniff")
            let stream = try relay.view("/stream/door")
            #expect(stream.head.field("referrer-policy") == "no-referrer")
            let socket = try relay.connect()
            try socket.send(RequestText.head("GET", "/doctor/socket", Self.socket))
            #expect(try socket.readHead().field("x-content-type-options") == "nosniff")
        }
    }

    @Test func `a page may load and open what it needs and nothing else`() throws {
        var ancestors = FrameAncestors()
        try ancestors.insert(parsing: Self.site)
        try withRelay({ [ancestors] in $0.frameAncestors = ancestors }) { relay in
            for (target, camera) in [("/", "()"), ("/watch/door", "()"), ("/camera", "(self)"), ("/js/wall.js", "()")] {
                let answer = try relay.request("GET", target)
                let unchanged = try relay.request("GET", target, "If-None-Match: \(answer.field("etag") ?? "")")
                #expect(unchanged.status == 304)
                for answer in [answer, unchanged] {
                    let policy = try #require(answer.field("content-security-policy"))
                    #expect(policy.hasPrefix("default-src 'self'; "))
                    #expect(!policy.contains("unsafe"))
                    #expect(policy.hasSuffix("; frame-ancestors 'self' \(Self.site)"))
                    #expect(answer.field("permissions-policy")?.hasPrefix("camera=\(camera), ") == true)
                    #expect(answer.field("cross-origin-resource-policy") == "same-origin")
                }
            }
        }
    }

    @Test func `every site may show pictures, and only allowed ones may have the rest`() throws {
        var origins = AllowedOrigins()
        try origins.insert(parsing: Self.site)
        try withRelay({ [origins] in $0.allowedOrigins = origins }) { relay in
            try relay.connect().publish(JPEGSamples.grey, to: "door")
            let pictures = ["/stream/door", "/snapshot/door", "/?action=snapshot", "/snapshot/door?after=1"]
            for target in pictures + ["/cameras", "/healthz", "/metrics", "/doctor/info"] {
                for origin in [nil, "https://other.example", Self.site] {
                    let answer = try relay.connect().request(
                        "HEAD", target, origin.map { ["Origin: \($0)"] } ?? [])
                    let isShared = pictures.contains(target) || origin == Self.site
                    #expect(
                        answer.field("cross-origin-resource-policy") == (isShared ? "cross-origin" : "same-origin"),
                        "\(target) for \(origin ?? "no origin")")
                    #expect(answer.field("access-control-allow-origin") == (origin == Self.site ? Self.site : nil))
                    #expect(answer.field("vary") == "Origin")
                }
            }
        }
    }

    @Test func `a picture that a typed password opens is for this server's own pages, one by its address for all`()
        throws
    {
        let flags = ["private": ["on"], "allow-origin": [Self.site]]
        try AccessFixture().run(flags: flags) { relay in
            let key = AccessFixture.doorKey
            let publish = try relay.upload(JPEGSamples.grey, to: "door", AccessFixture.bearer(key))
            #expect(publish.status == 200)
            func policy(_ target: String, _ fields: String...) throws -> String? {
                let answer = try relay.connect().request("HEAD", target, fields)
                guard answer.status == 200 else { throw WaitError("\(target), but \(answer.status)") }
                return answer.field("cross-origin-resource-policy")
            }
            for target in ["/stream/door", "/snapshot/door"] {
                #expect(try policy("\(target)?key=\(key)") == "cross-origin")
                #expect(try policy(target, AccessFixture.basic(key)) == "same-origin")
                #expect(try policy(target, AccessFixture.bearer(key)) == "same-origin")
                #expect(try policy(target, AccessFixture.bearer(key), "Origin: \(Self.site)") == "cross-origin")
            }
            #expect(try policy("/cameras/door?key=\(key)") == "same-origin")
        }
    }

    @Test func `TLS for the future is asked for where it was wanted, from those who came by TLS`() throws {
        var proxies = TrustedProxies()
        try proxies.insert(parsing: "127.0.0.1")
        try withRelay({ [proxies] in
            $0.trustedProxies = proxies
            $0.tls.hsts = .seconds(31_536_000)
        }) { relay in
            try relay.connect().publish(JPEGSamples.grey, to: "door")
            for target in ["/", "/cameras", "/snapshot/door", "/nothing"] {
                let secure = try relay.request("GET", target, "X-Forwarded-Proto: https")
                #expect(secure.field("strict-transport-security") == "max-age=31536000")
                #expect(
                    try relay.request("GET", target, "X-Forwarded-Proto: http").field("strict-transport-security")
                        == nil)
                #expect(try relay.request("GET", target).field("strict-transport-security") == nil)
            }
        }
    }

    @Test(arguments: ["https://other.example", "null", "http://relay.local:81"])
    func `pages of other sites may neither upload, nor echo, nor open a socket`(_ origin: String) throws {
        try withRelay({ $0.isPublishingOpen = true }) { relay in
            let fields = ["Origin: \(origin)"]
            let echo = ["Content-Type: application/octet-stream", "Content-Length: 1"]
            for answer in try [
                relay.connect().upload(JPEGSamples.grey, to: "door", fields),
                relay.connect().request("POST", "/doctor/echo", fields + echo),
                relay.connect().request("GET", "/doctor/socket", fields + Self.socket),
            ] {
                #expect(answer.status == 403)
                #expect(answer.reason == "origin-not-allowed")
            }
        }
    }
}
