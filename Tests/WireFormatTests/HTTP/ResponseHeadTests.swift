// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct ResponseHeadTests {
    private func parse(_ lines: String..., maxFields: Int = 8) throws(ResponseHeadError) -> ResponseHead {
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        return try ResponseHead.parse(bytes.span, maxFields: maxFields)
    }

    private func error(_ text: String) -> ResponseHeadError? {
        do throws(ResponseHeadError) {
            _ = try ResponseHead.parse(Array(text.utf8).span, maxFields: 8)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a stream's head`() throws {
        let head = try parse(
            "HTTP/1.1 200 OK", "Content-Type: multipart/x-mixed-replace; boundary=\"frame\"",
            "transfer-encoding: Chunked", "X-Empty:")
        #expect(head.status == 200 && head.minorVersion == 1)
        #expect(head.isChunked && head.contentLength == nil)
        #expect(head.boundary == "frame")
        #expect(head.field("CONTENT-TYPE")?.hasPrefix("multipart/") == true)
        #expect(head.field("x-empty") == "")
        #expect(head.field("x-other") == nil)
    }

    @Test func `a status line may have no reason`() throws {
        #expect(try parse("HTTP/1.0 204").status == 204)
        #expect(try parse("HTTP/1.0 404 ").status == 404)
        #expect(try parse("HTTP/1.1 413 Request Entity Too Large").status == 413)
    }

    @Test(arguments: [
        ("HTTP/1.1", "x: y", true), ("HTTP/1.1", "Connection: Upgrade, Close", false), ("HTTP/1.0", "x: y", false),
        ("HTTP/1.0", "Connection: Keep-Alive", true),
    ])
    func `whether another answer may follow`(version: String, field: String, isKeepAlive: Bool) throws {
        #expect(try parse("\(version) 200 OK", field).isKeepAlive == isKeepAlive)
    }

    @Test(arguments: [
        "HTTP/2 200", "SIP/2.0 200 OK", "HTTP/1.1 20x OK", "HTTP/1.1 99 Low", "HTTP/1.1 600 High", "HTTP/1.1", "",
        "HTTP/1.12 200 OK", "HTTP/1.1 2000 OK", "http/1.1 200 OK",
    ])
    func `a first line that is no status line is refused`(line: String) {
        let problem = error(line + "\r\n\r\n")
        #expect(problem == .badStatusLine(line) || (line.isEmpty && problem == .badLineEnd))
    }

    @Test func `fields that are malformed, or too many, are refused`() throws {
        #expect(error("HTTP/1.1 200 OK\r\n a: b\r\n\r\n") == .badField(" a: b"))
        #expect(error("HTTP/1.1 200 OK\r\nab\r\n\r\n") == .badField("ab"))
        #expect(error("HTTP/1.1 200 OK\na: b\r\n\r\n") == .badLineEnd)
        #expect(error("HTTP/1.1 200 OK\r\na: b\r\n") == .badLineEnd)
        #expect(error("") == .badLineEnd)
        #expect(throws: ResponseHeadError.tooManyFields(limit: 1)) {
            try parse("HTTP/1.1 200 OK", "a: b", "c: d", maxFields: 1)
        }
    }

    @Test func `the body's length must be one number`() throws {
        #expect(try parse("HTTP/1.1 200 OK", "Content-Length: 7", "Content-Length: 7").contentLength == 7)
        #expect(throws: ResponseHeadError.badFraming("7, 8")) {
            try parse("HTTP/1.1 200 OK", "Content-Length: 8", "Content-Length: 7")
        }
        #expect(throws: ResponseHeadError.badFraming("+7")) { try parse("HTTP/1.1 200 OK", "Content-Length: +7") }
        #expect(throws: ResponseHeadError.badFraming("gzip, chunked")) {
            try parse("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked")
        }
    }
}
