// SPDX-License-Identifier: MIT
import Cameras
import Testing
import WireFormat

@testable import EvRelay

@Suite struct CrossOriginTests {
    private static func allowed(_ origins: String...) throws -> AllowedOrigins {
        var allowed = AllowedOrigins()
        for origin in origins { try allowed.insert(parsing: origin) }
        return allowed
    }

    private static func judge(
        _ origin: String?, host: String, _ allowed: AllowedOrigins = .init()
    ) throws -> CrossOrigin {
        let fields = origin.map { ["Origin: \($0)"] } ?? []
        return CrossOrigin(try head(["GET / HTTP/1.1", "Host: \(host)"] + fields), allowed: allowed)
    }

    @Test(arguments: [
        (String?.none, "example.org"), ("http://example.org", "example.org"), ("https://example.org", "example.org"),
        ("https://example.org:8443", "example.org:8443"), ("http://EXAMPLE.org", "example.ORG"),
        ("http://[::1]:30333", "[::1]:30333"), ("http://127.0.0.1:30333", "127.0.0.1:30333"),
    ])
    func `no origin, and the host's own under any scheme, are the same origin`(
        _ origin: String?, _ host: String
    ) throws {
        #expect(try Self.judge(origin, host: host) == .sameOrigin)
    }

    @Test(arguments: [
        ("http://example.org", "example.org:8080"), ("http://example.org:8080", "example.org"),
        ("http://example.org:8080", "example.org:8081"), ("http://evil.test", "example.org"),
        ("http://www.example.org", "example.org"), ("http://example.org.evil.test", "example.org"),
        ("http://evilexample.org", "example.org"), ("null", "example.org"), ("null", "null"), ("", "example.org"),
        ("example.org", "example.org"), ("http://example.org/", "example.org"), ("file://", "example.org"),
        ("http://a://example.org", "example.org"),
    ])
    func `everything else is foreign`(_ origin: String, _ host: String) throws {
        #expect(try Self.judge(origin, host: host) == .foreign(origin))
    }

    @Test func `an empty host makes no origin its own`() throws {
        #expect(try Self.judge("file://", host: "") == .foreign("file://"))
    }

    @Test func `a request without Host has no own origin`() throws {
        let request = try head("GET / HTTP/1.0", "Origin: http://example.org")
        #expect(CrossOrigin(request, allowed: .init()) == .foreign("http://example.org"))
    }

    @Test func `origins on the list are allowed and echoed as they were sent`() throws {
        let list = try Self.allowed("https://truruki.ru", "http://localhost:8080")
        #expect(try Self.judge("https://truruki.ru", host: "x", list) == .allowed("https://truruki.ru"))
        #expect(try Self.judge("http://localhost:8080", host: "x", list) == .allowed("http://localhost:8080"))
        for origin in [
            "http://truruki.ru", "https://truruki.ru:8443", "https://www.truruki.ru", "http://localhost", "null",
        ] {
            #expect(try Self.judge(origin, host: "x", list) == .foreign(origin))
        }
    }

    @Test func `the own origin stays the own one also when it is on the list`() throws {
        let list = try Self.allowed("http://example.org", "*")
        #expect(try Self.judge("http://example.org", host: "example.org", list) == .sameOrigin)
    }

    @Test func `the asterisk allows everybody without naming anybody`() throws {
        let list = try Self.allowed("*")
        for origin in ["https://a.test", "null", "file://"] {
            #expect(try Self.judge(origin, host: "x", list) == .allowed("*"))
        }
        let both = try Self.allowed("*", "https://a.test")
        #expect(try Self.judge("https://a.test", host: "x", both) == .allowed("*"))
    }

    private static func text(_ headers: [(name: String, value: String)]) -> [String] {
        headers.map { "\($0.name): \($0.value)" }
    }

    @Test func `headers of every answer`() {
        #expect(Self.text(CrossOrigin.sameOrigin.headers(variesByOrigin: false)) == [])
        #expect(Self.text(CrossOrigin.sameOrigin.headers(variesByOrigin: true)) == ["Vary: Origin"])
        #expect(Self.text(CrossOrigin.foreign("http://a").headers(variesByOrigin: true)) == ["Vary: Origin"])
        let exposed = "Access-Control-Expose-Headers: ETag, X-Timestamp, X-Frame-Sequence"
        #expect(
            Self.text(CrossOrigin.allowed("http://a").headers(variesByOrigin: true)) == [
                "Vary: Origin", "Access-Control-Allow-Origin: http://a", exposed,
            ])
        #expect(
            Self.text(CrossOrigin.allowed("*").headers(variesByOrigin: false)) == [
                "Access-Control-Allow-Origin: *", exposed,
            ])
    }

    @Test func `headers of a preflight`() {
        #expect(
            Self.text(
                CrossOrigin.allowed("*").preflightHeaders(methods: "POST, PUT, OPTIONS", isFromPublicNetwork: false))
                == [
                    "Access-Control-Allow-Methods: POST, PUT, OPTIONS",
                    "Access-Control-Allow-Headers: Content-Type, Authorization, X-Publisher-ID, X-Requested-With",
                    "Access-Control-Max-Age: 600",
                ])
        #expect(CrossOrigin.sameOrigin.preflightHeaders(methods: "GET", isFromPublicNetwork: true).isEmpty)
        #expect(CrossOrigin.foreign("http://a").preflightHeaders(methods: "GET", isFromPublicNetwork: true).isEmpty)
    }

    @Test func `no answer allows credentials`() {
        let all = CrossOrigin.allowed("*").headers(variesByOrigin: true)
        #expect(!Self.text(all).contains { $0.lowercased().contains("credentials") })
    }
}
