// SPDX-License-Identifier: MIT
import Testing
import WireFormat

/// Heads that could be read in two ways, or that are none.
@Suite struct RequestHeadRefusalTests {
    private func refused(_ text: String) -> RequestHeadError? { refusal(Array(text.utf8)) }
    private func fields(_ lines: String) -> RequestHeadError? {
        refused("POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n")
    }
    private func isBadField(_ error: RequestHeadError?) -> Bool {
        if case .badField = error { true } else { false }
    }

    @Test(arguments: [
        "\r\n\r\n", " / HTTP/1.1\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
        "GET /  HTTP/1.1\r\n\r\n", "GET / HTTP/1.1 \r\n\r\n", " GET / HTTP/1.1\r\n\r\n", "GET\t/ HTTP/1.1\r\n\r\n",
        "GET / http/1.1\r\n\r\n", "GET / HTTP/1\r\n\r\n", "GET / HTTP/1.\r\n\r\n", "GET / HTTP/1.10\r\n\r\n",
        "GET / HTTP/a.b\r\n\r\n", "GET / HTTPS/1.1\r\n\r\n", "G(T / HTTP/1.1\r\n\r\n", "G\u{E9}T / HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n", "GET / FTP/1.0\r\n\r\n", "\u{0}", "GET / HTTP/1.0\r\nA: b\r\n\r\nC: d\r\n\r\n",
    ])
    func `a malformed request line`(text: String) {
        #expect(refused(text) == .badRequestLine)
    }

    @Test(arguments: ["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/3.0", "HTTP/0.0", "HTTP/9.9"])
    func `another version`(version: String) {
        #expect(refused("GET / \(version)\r\nHost: a\r\n\r\n") == .unsupportedVersion(version))
    }

    @Test(arguments: [
        "GET / HTTP/1.0\n\n", "GET / HTTP/1.0\nA: b\r\n\r\n", "GET / HTTP/1.0\r\nA: b\n\r\n", "GET / HTTP/1.0\r\n\n",
        "GET / HTTP/1.0\r\nA: b\rc\r\n\r\n", "GET / HTTP/1.0\r\nA: b\u{0}c\r\n\r\n", "GET / HTTP/1.0\rA: b\r\n\r\n",
        "GET / HTTP/1.0\r\nA: b\r\n\r", "GET /\n\r\n",
    ])
    func `a bare line feed, carriage return or NUL`(text: String) {
        #expect(refused(text) == .badLineEnd)
    }

    @Test(arguments: [
        "A : b", " A: b", "\tA: b", "A", "A b: c", ": b", "A\u{1}: b", "A: b\u{1}", "A: \u{7F}", "A: b\r\n c",
        "A: b\r\n\tc", "(A): b", "A\u{E9}: b", "\"A\": b", "A[]: b", "A/B: c", "Content-Length : 5",
        "Transfer-Encoding : chunked",
    ])
    func `a malformed field line`(line: String) {
        let error = fields(line)
        #expect(isBadField(error), "\(String(describing: error))")
    }

    @Test(arguments: [
        (" A: b", "folded"), ("\tA: b", "folded"), ("A : b", "blank before"), ("A", "no colon"), (": b", "empty name"),
        ("(A): b", "name with"), ("A: \u{7F}", "control character"),
    ])
    func `a malformed field line is told what is wrong with it`(line: String, words: String) {
        #expect(fields(line)?.message.contains(words) == true)
    }

    @Test(arguments: [
        "Content-Length: +5",
        "Content-Length: -5", "Content-Length: 0x5", "Content-Length: 5,5", "Content-Length: 5 5", "Content-Length:",
        "Content-Length: 1234567890123456789", "Content-Length: 5.0", "Content-Length: ٥",
    ])
    func `a length that is not one number`(lines: String) {
        let error = fields(lines)
        guard case .badContentLength = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        "Transfer-Encoding: gzip", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding:",
        "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: identity", "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 0", "Transfer-Encoding: ,chunked",
    ])
    func `a transfer coding other than chunked alone`(lines: String) {
        let error = fields(lines)
        guard case .badTransferEncoding = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a transfer coding in HTTP 1.0`() {
        #expect(
            refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")
                == .badTransferEncoding("stands in an HTTP/1.0 request"))
    }

    @Test(arguments: [
        "Accept: a", "Host: a b", "Host: a/b", "Host: u@a", "Host: a:b",
        "Host: a:8 0", "Host: [1:2", "Host: [::1", "Host: [::1]b", "Host: [::1]:x", "Host: [",
        "Host: a\"", "Host: a\\b", "Host: d\u{E9}",
    ])
    func `no host, or one that is none`(lines: String) {
        let error = refused("GET / HTTP/1.1\r\n\(lines)\r\n\r\n")
        guard case .badHost = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Of two types a proxy may use the first and a server the second; text/plain needs no preflight.
    @Test(arguments: [
        "Content-Type: text/plain|image/jpeg", "Content-Type: image/jpeg|image/jpeg", "Content-Length: 5|5",
        "Content-Length: 5|6", "Host: a|b", "Authorization: Bearer a|Basic b", "Origin: null|null", "User-Agent: a|b",
        "If-Modified-Since: a|b", "Sec-Fetch-Dest: image|document", "X-Publisher-ID: abcdefgh|abcdefgh", "Range: a|b",
        "Sec-WebSocket-Key: a|b", "Sec-WebSocket-Version: 13|13", "Referer: a|b", "Access-Control-Request-Method: a|b",
    ])
    func `a field that may occur once and occurs twice`(line: String) throws {
        let colon = try #require(line.firstIndex(of: ":"))
        let name = line[..<colon]
        let values = line[line.index(after: colon)...].split(separator: "|")
        let between = "Accept: a\r\nAccept: b\r\nX-Any: a\r\nX-Any: b"
        for second in [name, name.lowercased()[...], name.uppercased()[...]] {
            let text = "POST / HTTP/1.1\r\n\(name):\(values[0])\r\n\(between)\r\n\(second):\(values[1])\r\n\r\n"
            #expect(refused(text) == .repeatedField(String(second)))
            #expect(refused(text) != nil)
        }
    }

    @Test func `fields that may occur more than once do`() {
        for name in [
            "Accept", "Accept-Encoding", "Connection", "If-None-Match", "Via", "X-Forwarded-For", "Cookie", "X",
        ] {
            #expect(fields("\(name): a\r\n\(name): b") == nil, "\(name)")
        }
    }

    @Test func `hosts as clients send them`() {
        for host in [
            "a", "a:", "localhost:30333", "[::1]:30333", "[::1]", "[fe80::1%eth0]:1", "::1", "10.0.0.1",
            "xn--80ak6aa92e.com", "a_b", "",
        ] {
            #expect(refused("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") == nil, "\(host)")
        }
        #expect(refused("GET / HTTP/1.0\r\n\r\n") == nil)
    }
}
