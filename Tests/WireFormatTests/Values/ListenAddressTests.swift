// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct ListenAddressTests {
    @Test(arguments: [
        (":30333", "[::]:30333"), ("[::]:30333", "[::]:30333"), ("0.0.0.0:80", "0.0.0.0:80"),
        ("127.0.0.1:0", "127.0.0.1:0"), ("localhost:8080", "127.0.0.1:8080"), ("[::1]:65535", "[::1]:65535"),
        ("[2001:DB8:0:0:1:0:0:1]:1", "[2001:db8::1:0:0:1]:1"), ("[::ffff:192.0.2.1]:1", "[::ffff:c000:201]:1"),
        ("unix:/run/evrelay.sock", "unix:/run/evrelay.sock"), ("unix:/a:b", "unix:/a:b"),
        ("systemd", "systemd"),
    ])
    func `an address is read, written in its canonical form and read back`(_ text: String, _ canonical: String) throws {
        let address = try ListenAddress(parsing: text)
        #expect(address.description == canonical)
        #expect(try ListenAddress(parsing: canonical) == address)
    }

    @Test(arguments: [
        ("", "the port is missing"), ("30333", "the port is missing"), ("127.0.0.1", "the port is missing"),
        (":", "the port is not"), (":65536", "the port is not"), (":-1", "the port is not"), (":+1", "the port is not"),
        (":80 ", "the port is not"), ("127.0.0.1:http", "the port is not"), ("::1:80", "needs brackets"),
        ("::", "needs brackets"), ("[::1]", "the port is missing"), ("[]:80", "between the brackets"),
        ("[127.0.0.1]:80", "between the brackets"), ("[::1%lo]:80", "between the brackets"),
        ("example.org:80", "neither a numeric address"), ("*:80", "neither a numeric address"),
        ("256.0.0.1:80", "neither a numeric address"), ("127.0.0.01:80", "neither a numeric address"),
        ("127.1:80", "neither a numeric address"), ("unix:", "not absolute"), ("unix:run/x", "not absolute"),
        ("unix:/run/", "not absolute"), ("unix:/a\0b", "contains NUL"), ("Systemd", "the port is missing"),
        ("systemd:1", "neither a numeric"),
    ])
    func `a wrong address is refused with the reason`(_ text: String, _ reason: String) throws {
        let error = try #require(throws: ValueError.self) { try ListenAddress(parsing: text) }
        #expect(error.value == text)
        #expect(error.reason.contains(reason), "\(error.reason)")
    }

    @Test func `a socket path has room for 107 bytes`() throws {
        let longest = "/" + String(repeating: "x", count: 106)
        #expect(try ListenAddress(parsing: "unix:" + longest) == .unix(path: longest))
        let error = try #require(throws: ValueError.self) { try ListenAddress(parsing: "unix:\(longest)x") }
        #expect(error.reason.contains("has 108 bytes; at most 107 fit"))
    }

    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:0:0:0:5:0:0:8", "1::5:0:0:8"), ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("0:0:3::", "0:0:3::"),
        ("::3:0:0", "::3:0:0"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("00Ab::", "ab::"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
    ])
    func `an IPv6 address is written as RFC 5952 says`(_ text: String, _ canonical: String) {
        #expect(IPAddress(v6: text)?.description == canonical)
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "1::2::3", ":1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:", "12345::", "g::", "+1::", "-1::", "1.2.3.4::", "::1.2.3", "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4",
        ":1::", "::1:", " ::1",
    ])
    func `what is not an IPv6 address is refused`(_ text: String) {
        #expect(IPAddress(v6: text) == nil)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.256", "01.2.3.4", "1.2.3.-4", "+1.2.3.4",
    ])
    func `what is not an IPv4 address is refused`(_ text: String) {
        #expect(IPAddress(v4: text) == nil)
    }
}
