// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct OriginTests {
    @Test(arguments: [
        ("https://example.org", "https://example.org"), ("HTTPS://Example.ORG", "https://example.org"),
        ("https://example.org:443", "https://example.org"), ("http://example.org:80", "http://example.org"),
        ("http://example.org:443", "http://example.org:443"), ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"), ("http://[::1]:65535", "http://[::1]:65535"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"), ("capacitor://localhost", "capacitor://localhost"),
    ])
    func `an origin is read in the form browsers send`(_ text: String, _ canonical: String) throws {
        #expect(try Origin(parsing: text).description == canonical)
    }

    @Test(arguments: [
        "", "null", "example.org", "https:/example.org", "//example.org", "://example.org", "1http://a", "https://",
        "https:///", "https://example.org/", "https://example.org/page", "https://example.org?x",
        "https://example.org#x",
        "https://user@example.org", "https://example.org:", "https://example.org:0", "https://example.org:65536",
        "https://example.org:x", "https://exa mple.org", "https://пример.рф", "https://a,b", "http://[::1",
        "http://[x]",
        "http://[::1]x", "*.example.org", "https://*.example.org",
    ])
    func `what is not an origin is refused`(_ text: String) {
        #expect(throws: ValueError.self) { try Origin(parsing: text) }
    }

    @Test func `nobody is allowed by default`() {
        let nobody = AllowedOrigins()
        #expect(!nobody.allows("https://example.org"))
        #expect(!nobody.allows("null"))
        #expect(!nobody.allows(""))
        #expect(!nobody.isAny)
    }

    @Test func `only the named origins are allowed, whole`() throws {
        var origins = AllowedOrigins()
        try origins.insert(parsing: "https://example.org")
        #expect(origins.allows("https://example.org"))
        #expect(origins.allows("HTTPS://EXAMPLE.ORG"))
        let others = [
            "http://example.org", "https://example.org:8443", "https://www.example.org",
            "https://example.org.evil.test",
            "https://evil-example.org", "https://example.org/", "null", "", "*",
            "https://example.org https://evil.test",
        ]
        for other in others { #expect(!origins.allows(other), "\(other)") }
        #expect(!origins.isAny)
    }
}
