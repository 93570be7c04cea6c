// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

@Suite struct HTTPSRedirectTests {
    @Test(arguments: [
        ("example.org", "example.org"), ("EXAMPLE.org:8080", "example.org"), ("example.org:", nil),
        ("example.org.", "example.org."), ("localhost:30333", "localhost"), ("a_b-c.example", "a_b-c.example"),
        ("192.0.2.7:80", "192.0.2.7"), ("[::1]", "[::1]"), ("[2001:DB8:0:0::7]:30333", "[2001:db8::7]"),
        ("[fe80::1%25eth0]:80", "[fe80::1]"), ("[fe80::1%eth0]", "[fe80::1]"),
        (String(repeating: "a", count: 63) + ".example", String(repeating: "a", count: 63) + ".example"),
    ])
    func `a host is taken without its port`(_ field: String, _ host: String?) {
        #expect(HTTPSRedirect.host(field) == host)
    }

    @Test(arguments: [
        "", ".", "..", ":80", "a..b", ".a", "a b", "a/b", "a?b", "a#b", "a@b", "user@example.org", "a%2fb", "a,b",
        "a;b", "a:b", "a:80:90", "a:-1", "a:123456", "[::1", "[::1]x", "[::1]:x", "[v1.x]", "[]",
        "[127.0.0.1]", "é.example", "a\\b", "(a)", "a'b", "a=b", "a&b", "a!b", "a*b", "a+b", "a~b", "a$b",
        String(repeating: "a", count: 64) + ".example", String(repeating: "a.", count: 126) + "aa",
    ])
    func `anything else is no host`(_ field: String) {
        #expect(HTTPSRedirect.host(field) == nil)
    }

    @Test(arguments: [
        ("/", 443, "https://example.org/"), ("/", 30443, "https://example.org:30443/"),
        ("/watch/door?x=1&y=%20%2F", 443, "https://example.org/watch/door?x=1&y=%20%2F"),
        ("/%77atch/a%2Eb", 443, "https://example.org/%77atch/a%2Eb"), ("/?", 443, "https://example.org/?"),
        ("//evil.test/", 443, "https://example.org//evil.test/"), ("/\\evil", 443, "https://example.org/\\evil"),
        ("http://evil.test/x?y", 443, "https://example.org/x?y"), ("http://evil.test", 443, "https://example.org/"),
        ("http://evil.test?y=1", 443, "https://example.org/?y=1"),
    ])
    func `path and query stay as they came`(_ target: String, _ port: Int, _ location: String) throws {
        let head = try head("GET \(target) HTTP/1.1", "Host: example.org:30333")
        #expect(HTTPSRedirect.location(head, port: port) == location)
    }

    @Test func `without a host there is no address`() throws {
        #expect(HTTPSRedirect.location(try head("GET / HTTP/1.0"), port: 443) == nil)
        #expect(HTTPSRedirect.location(try head("GET / HTTP/1.1", "Host:"), port: 443) == nil)
    }
}
