// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

/// Parses a head given by its lines, to which it adds the CRLFs.
func head(_ lines: String..., maxFields: Int = 64) throws(RequestHeadError) -> RequestHead {
    let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    return try RequestHead.parse(bytes.span, maxFields: maxFields)
}

/// Returns the error with which a head is refused; nil if it is accepted.
func refusal(_ bytes: [UInt8], maxFields: Int = 64) -> RequestHeadError? {
    do { _ = try RequestHead.parse(bytes.span, maxFields: maxFields) } catch { return error }
    return nil
}

@Suite struct RequestHeadTests {
    @Test func `a head as browsers send it`() throws {
        let head = try head(
            "POST /upload/door?fps=5&x HTTP/1.1", "Host: cam.example.org:30333", "Accept: */*",
            "Content-Type:image/jpeg", "Content-Length: 40123", "connection: keep-alive", "X-Empty:")
        #expect(head.method == .post)
        #expect(head.methodName == "POST")
        #expect(head.path == "/upload/door")
        #expect(head.query["fps"] == "5")
        #expect(head.query["x"] == "")
        #expect(head.query["y"] == nil)
        #expect(head.minorVersion == 1)
        #expect(head.contentLength == 40_123)
        #expect(!head.isChunked)
        #expect(head.isKeepAlive)
        #expect(head.hasBody)
        #expect(head.fieldCount == 6)
        #expect(head.field("content-type") == "image/jpeg")
        #expect(head.field("X-EMPTY") == "")
        #expect(head.field("origin") == nil)
        #expect(head.has("Accept"))
        #expect(!head.has("Accept-Language"))
    }

    @Test(arguments: zip(["GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "PATCH"], RequestHead.Method.allCases))
    func `methods are known by their exact name`(name: String, method: RequestHead.Method) throws {
        #expect(try head("\(name) / HTTP/1.0").method == method)
        #expect(try head("\(name.lowercased()) / HTTP/1.0").method == .other)
        #expect(try head("\(name)X / HTTP/1.0").method == .other)
        #expect(try head("\(name.dropLast()) / HTTP/1.0").method == .other)
    }

    @Test func `an unknown method keeps its name`() throws {
        let head = try head("PROPFIND / HTTP/1.0")
        #expect(head.method == .other)
        #expect(head.methodName == "PROPFIND")
    }

    @Test func `connections live on by version and token`() throws {
        #expect(try head("GET / HTTP/1.1", "Host: a").isKeepAlive)
        #expect(try !head("GET / HTTP/1.0").isKeepAlive)
        #expect(try !head("GET / HTTP/1.1", "Host: a", "Connection: Close").isKeepAlive)
        #expect(try !head("GET / HTTP/1.1", "Host: a", "Connection: keep-alive, close").isKeepAlive)
        #expect(try head("GET / HTTP/1.0", "Connection: upgrade , Keep-Alive").isKeepAlive)
        #expect(try !head("GET / HTTP/1.0", "Connection: keep-alives").isKeepAlive)
    }

    @Test func `tokens are found in every field of a name`() throws {
        let head = try head("GET / HTTP/1.1", "Host: a", "Connection: a,, b", "Connection: Upgrade")
        for token in ["a", "B", "upgrade"] { #expect(head.fieldContains("connection", token: token)) }
        for token in ["c", "a, b", "up"] { #expect(!head.fieldContains("connection", token: token)) }
    }

    @Test func `bodies are announced by a length or by chunks`() throws {
        #expect(try !head("GET / HTTP/1.1", "Host: a").hasBody)
        #expect(try !head("POST / HTTP/1.1", "Host: a", "Content-Length: 0").hasBody)
        let chunked = try head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: Chunked")
        #expect(chunked.isChunked)
        #expect(chunked.hasBody)
        #expect(chunked.contentLength == nil)
        #expect(
            try head("POST / HTTP/1.1", "Host: a", "Content-Length: 999999999999999999").contentLength
                == 999_999_999_999_999_999)
    }

    @Test func `expectations are told apart`() throws {
        #expect(try head("POST / HTTP/1.1", "Host: a", "Expect: 100-Continue").expectsContinue)
        #expect(try !head("POST / HTTP/1.0", "Expect: 100-continue").expectsContinue)
        let other = try head("POST / HTTP/1.1", "Host: a", "Expect: payment")
        #expect(!other.expectsContinue)
        #expect(other.unknownExpectation == "payment")
    }

    @Test func `heads without an expectation, and 100-continue, are read on`() throws {
        #expect(try head("POST / HTTP/1.1", "Host: a").unknownExpectation == nil)
        #expect(try head("POST / HTTP/1.1", "Host: a", "Content-Length: 5").unknownExpectation == nil)
        let fields = ["Expect: 100-continue", "Content-Length: 5"]
        #expect(try head("POST / HTTP/1.1", "Host: a", fields[0], fields[1]).unknownExpectation == nil)
        #expect(try head("POST / HTTP/1.1", "Host: a", "Expect: 100-CONTINUE").unknownExpectation == nil)
    }

    @Test(arguments: ["200-ok", "", "100-continue, x", "100 continue"])
    func `any other expectation is unknown`(_ value: String) throws {
        #expect(try head("POST / HTTP/1.1", "Host: a", "Expect: \(value)").unknownExpectation == value)
    }

    @Test func `values keep their inner blanks and bytes beyond ASCII`() throws {
        #expect(try head("GET / HTTP/1.0", "A: \t b \t c \t").field("a") == "b \t c")
        #expect(try head("GET / HTTP/1.0", "A: дверь").field("a") == "дверь")
        #expect(refusal(Array("GET / HTTP/1.0\r\nA: ".utf8) + [0xFF] + Array("\r\n\r\n".utf8)) == nil)
    }

    @Test func `as many fields as the limit and no more`() throws {
        #expect(try head("GET / HTTP/1.0", "a: 1", "b: 2", maxFields: 2).fieldCount == 2)
        #expect(throws: RequestHeadError.tooManyFields(limit: 2)) {
            try head("GET / HTTP/1.0", "a: 1", "b: 2", "c: 3", maxFields: 2)
        }
    }

    @Test func `a head cut at any byte is refused`() {
        let bytes = Array("GET /a?b=c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n".utf8)
        #expect(refusal(bytes) == nil)
        for count in 0..<bytes.count { #expect(refusal(Array(bytes[..<count])) != nil, "\(count) bytes") }
        #expect(refusal(bytes + [0x61]) != nil)
    }

    @Test func `random and damaged heads never trap`() {
        var random = SeededGenerator(seed: 7)
        let good = Array(
            "POST /upload/door?x=%20 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n".utf8)
        for round in 0..<20_000 {
            var bytes = round % 2 == 0 ? good : (0..<Int(random.next() % 100)).map { _ in UInt8(random.next() & 127) }
            for _ in 0..<(1 + random.next() % 3) where !bytes.isEmpty {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            guard let head = try? RequestHead.parse(bytes.span, maxFields: 64) else { continue }
            #expect(head.path.utf8.first == UInt8(ascii: "/") || head.path == "*")
            #expect(!head.path.utf8.contains(0))
            _ = head.query["x"]
        }
    }
}

@Suite struct RequestHeadErrorTests {
    @Test func `errors are told in one sentence, with the limit that was met`() {
        let errors: [RequestHeadError] = [
            .headTooLarge(limitBytes: 8_192), .tooManyFields(limit: 64), .unsupportedVersion("HTTP/2.0"), .badLineEnd,
            .badRequestLine, .badTarget("x"), .badField("x"), .repeatedField("x"), .badHost("x"),
            .badContentLength("x"), .badTransferEncoding("x"),
        ]
        for error in errors { #expect(error.message.hasSuffix(".")) }
        #expect(RequestHeadError.headTooLarge(limitBytes: 8_192).message.contains("8192 bytes"))
        #expect(RequestHeadError.tooManyFields(limit: 64).message.contains("at most 64"))
    }
}
