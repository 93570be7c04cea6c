// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import LibEvent

@Suite struct HTTPResponseTests {
    /// Returns the lines of a head without its blank line. CRLF is one Character.
    private static func lines(
        _ response: HTTPResponse, minorVersion: Int = 1, connection: String = "close"
    ) -> [String] {
        let bytes = response.serializedHead(minorVersion: minorVersion, connection: connection, date: "now")
        let head = String(decoding: bytes, as: UTF8.self)
        #expect(head.hasSuffix("\r\n\r\n"))
        return head.dropLast(2).split(separator: "\r\n", omittingEmptySubsequences: false).map { String($0) }
    }

    @Test func `status line, fields in their order, length and connection`() throws {
        let response = HTTPResponse(
            200, headers: [("B", "2"), ("A", "1"), ("B", "3")], body: .bytes([1, 2, 3]))
        #expect(
            Self.lines(response, connection: "keep-alive") == [
                "HTTP/1.1 200 OK", "B: 2", "A: 1", "B: 3", "Content-Length: 3", "Date: now", "Connection: keep-alive",
            ])
    }

    @Test func `an HTTP 1 dot 0 client is answered in its own terms`() throws {
        let lines = Self.lines(HTTPResponse(304), minorVersion: 0)
        #expect(lines == ["HTTP/1.0 304 Not Modified", "Date: now", "Connection: close"])
    }

    @Test func `a body of nothing has a length and no body has none`() throws {
        #expect(Self.lines(HTTPResponse(308, body: .bytes([])))[1] == "Content-Length: 0")
        #expect(Self.lines(HTTPResponse(204)).count == 3)
    }

    @Test func `a shared body has the length of its part`() throws {
        let ledger = ByteLedger(limitBytes: 100)
        let builder = BlockBuilder(prefixByteCount: 10, bodyByteCount: 0, suffixByteCount: 5, countedIn: ledger)
        let block = try #require(
            builder?.finish(prefix: [UInt8](repeating: 0, count: 10), suffix: [UInt8](repeating: 0, count: 5)))
        #expect(Self.lines(HTTPResponse(200, body: .shared(block, 3..<12)))[1] == "Content-Length: 9")
        #expect(HTTPResponse.Body.shared(block, 3..<12).count == 9)
        #expect(HTTPResponse.Body.none.count == 0)
        #expect(HTTPResponse.Body.bytes([1, 2]).count == 2)
    }

    @Test(arguments: [
        (200, "OK"), (204, "No Content"), (302, "Found"), (304, "Not Modified"), (308, "Permanent Redirect"),
        (400, "Bad Request"), (403, "Forbidden"), (404, "Not Found"), (405, "Method Not Allowed"),
        (408, "Request Timeout"), (411, "Length Required"), (413, "Content Too Large"),
        (415, "Unsupported Media Type"), (417, "Expectation Failed"), (422, "Unprocessable Content"),
        (429, "Too Many Requests"), (431, "Request Header Fields Too Large"), (500, "Internal Server Error"),
        (501, "Not Implemented"), (503, "Service Unavailable"), (505, "HTTP Version Not Supported"),
    ])
    func `each status that is sent has its name`(_ status: Int, _ phrase: String) {
        #expect(HTTPResponse(status).reasonPhrase == phrase)
    }

    @Test func `another status has some name, since the line needs one`() {
        #expect(HTTPResponse(299).reasonPhrase == "Status 299")
    }
}
