// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct RequestTargetTests {
    private func parsed(_ target: String, method: String = "GET") throws -> RequestHead {
        try head("\(method) \(target) HTTP/1.0")
    }

    @Test(arguments: [
        ("/", "/"), ("/stream/door", "/stream/door"), ("/a%2Db", "/a-b"), ("/%D0%B4%d0%b2", "/дв"), ("/a+b", "/a+b"),
        ("/?a=b", "/"), ("//a", "//a"), ("/a/../b", "/a/../b"), ("/a;b=c", "/a;b=c"), ("/%2F", "//"), ("/%25", "/%"),
        ("http://a/b", "/b"), ("HTTP://a:80/b?c", "/b"), ("http://a", "/"), ("https://a?b=c", "/"),
        ("http://[::1]:80/b", "/b"), ("/[x]|y^z", "/[x]|y^z"),
    ])
    func `paths are decoded`(target: String, path: String) throws {
        #expect(try parsed(target).path == path)
    }

    @Test(arguments: [
        ("/", "/"), ("/a%2Db?c=%20+&d", "/a%2Db?c=%20+&d"), ("/?", "/?"), ("//a", "//a"), ("http://a/b%41", "/b%41"),
        ("http://a:80", "/"), ("https://a?b=%2f", "/?b=%2f"), ("https://a/?b", "/?b"),
    ])
    func `path and query are there as they came, too`(target: String, text: String) throws {
        #expect(try parsed(target).pathAndQuery == text)
    }

    @Test func `the asterisk is for OPTIONS alone`() throws {
        #expect(try parsed("*", method: "OPTIONS").pathAndQuery == "*")
        #expect(try parsed("*", method: "OPTIONS").path == "*")
        #expect(throws: RequestHeadError.self) { try parsed("*") }
    }

    @Test(arguments: [
        "a", "stream", "?a=b", "**", "*a", "/%", "/%0", "/%g0", "/%0g", "/%00", "/a%00b", "/%0A", "/%7f", "/%FF",
        "/%C3%28", "/%ED%A0%80", "/#a", "/a?b#c", "/é", "/\u{1}", "/\u{7F}", "a:80", "http://", "http:///a",
        "http://u@a/", "http://a\\b/", "ftp://a/", "http:/a", "mailto:a", "/?a=%", "/?a=%4", "/?%zz", "/?a=%00",
        "/?a=%FF", "/?é",
    ])
    func `a target that is no path is refused`(target: String) {
        #expect(throws: RequestHeadError.self) { try parsed(target) }
    }

    @Test func `authority form is refused`() {
        #expect(throws: RequestHeadError.self) { try parsed("example.org:443", method: "CONNECT") }
    }

    @Test func `query values are decoded when asked for`() throws {
        let query = try parsed("/?a=1&b=x%20y+z&c&d=&a=2&%65=%26%3D&f=g=h&&=i&%D0%B4=%D0%B2").query
        #expect(query["a"] == "1")
        #expect(query["b"] == "x y z")
        #expect(query["c"] == "")
        #expect(query["d"] == "")
        #expect(query["e"] == "&=")
        #expect(query["f"] == "g=h")
        #expect(query["д"] == "в")
        #expect(query["i"] == nil)
        #expect(query["A"] == nil)
        #expect(!query.isEmpty)
    }

    @Test func `no query and an empty one are empty`() throws {
        for target in ["/", "/?", "http://a", "http://a?"] {
            let query = try parsed(target).query
            #expect(query.isEmpty)
            #expect(query["a"] == nil)
        }
    }
}
