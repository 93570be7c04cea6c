// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

@Suite struct DoctorTargetTests {
    @Test(arguments: [
        ("http://example.org", "http://example.org/", "example.org", 80),
        ("HTTPS://example.org/cam", "https://example.org/cam/", "example.org", 443),
        ("https://example.org:8443/a/b/", "https://example.org:8443/a/b/", "example.org", 8443),
        ("http://example.org:80/", "http://example.org/", "example.org", 80),
        ("http://[::1]:30333/", "http://[::1]:30333/", "::1", 30_333),
        ("https://[2001:db8::1]", "https://[2001:db8::1]/", "2001:db8::1", 443),
        ("http://192.0.2.1:65535", "http://192.0.2.1:65535/", "192.0.2.1", 65_535),
    ])
    func `addresses as they are typed`(text: String, shown: String, host: String, port: UInt16) throws {
        let target = try DoctorTarget(parsing: text)
        #expect(target.description == shown)
        #expect(target.host == host)
        #expect(target.port == port)
    }

    @Test(arguments: [
        "", "example.org", "ftp://example.org/", "http:/example.org", "http://", "http:///x", "http://a b/",
        "http://пример.рф/", "http://example.org/?x=1", "http://example.org/#x", "http://user@example.org/",
        "http://example.org:0/", "http://example.org:65536/", "http://example.org:+80/", "http://example.org:/",
        "http://[::1/", "http://[::1]x/", "http://[zz]/", "http://a%41/", "http://a:b:c/", "http://a\r\nb/",
    ])
    func `what is no address of a relay is refused`(text: String) {
        #expect(throws: ValueError.self) { try DoctorTarget(parsing: text) }
    }

    @Test func `the machine itself is known by name and by address`() throws {
        for host in ["localhost", "LOCALHOST", "x.localhost", "127.0.0.1", "127.1.2.3", "[::1]"] {
            #expect(try DoctorTarget(parsing: "http://\(host)/").isLoopback)
        }
        for host in ["example.org", "127.example.org", "10.0.0.1", "[::2]", "notlocalhost"] {
            #expect(try !DoctorTarget(parsing: "http://\(host)/").isLoopback)
        }
    }
}
