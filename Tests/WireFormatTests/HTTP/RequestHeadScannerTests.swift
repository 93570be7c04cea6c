// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct RequestHeadScannerTests {
    private let head = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)

    @Test func `a head is found however it arrives`() throws {
        for piece in 1...head.count {
            var scanner = RequestHeadScanner(maxBytes: 100)
            var filled = 0
            while filled < head.count {
                filled = min(head.count, filled + piece)
                let window = Array(head[..<filled])
                let wanted: RequestHeadScanner.Result =
                    filled == head.count ? .complete(byteCount: head.count) : .incomplete
                #expect(try scanner.scan(window.span) == wanted)
            }
        }
    }

    @Test func `a second head follows the first on the same scanner`() throws {
        var scanner = RequestHeadScanner(maxBytes: 100)
        let two = head + head
        #expect(try scanner.scan(two.span) == .complete(byteCount: head.count))
        #expect(try scanner.scan(head.span) == .complete(byteCount: head.count))
    }

    @Test func `one empty line before the request line is skipped and no second`() throws {
        let line = Array("\r\n".utf8)
        let empty: [UInt8] = []
        var scanner = RequestHeadScanner(maxBytes: 100)
        #expect(try scanner.scan(empty.span) == .incomplete)
        #expect(try scanner.scan(Array("\r".utf8).span) == .incomplete)
        #expect(try scanner.scan((line + head).span) == .skip(2))
        #expect(try scanner.scan(head.span) == .complete(byteCount: head.count))
        #expect(try scanner.scan(line.span) == .skip(2))
        #expect(throws: RequestHeadError.badRequestLine) { try scanner.scan(line.span) }
    }

    @Test(arguments: [
        "\n", "G\n", "GET / HTTP/1.1\n", "G\rE", "\r\r", "G\r\r", "G\u{0}", "\u{0}", "A\r\n\n", "\r\u{0}",
    ])
    func `a bare line end or NUL is refused at once`(text: String) {
        var scanner = RequestHeadScanner(maxBytes: 100)
        #expect(throws: RequestHeadError.badLineEnd) { try scanner.scan(Array(text.utf8).span) }
        var bytewise = RequestHeadScanner(maxBytes: 100)
        #expect(throws: RequestHeadError.badLineEnd) {
            for count in 1...text.utf8.count { _ = try bytewise.scan(Array(text.utf8.prefix(count)).span) }
        }
    }

    @Test func `a head may reach the limit and not pass it`() throws {
        var exact = RequestHeadScanner(maxBytes: head.count)
        #expect(try exact.scan((head + head).span) == .complete(byteCount: head.count))
        var small = RequestHeadScanner(maxBytes: head.count - 1)
        #expect(throws: RequestHeadError.headTooLarge(limitBytes: head.count - 1)) { try small.scan(head.span) }
    }

    @Test func `a head without end is refused with the limit's last byte`() throws {
        var scanner = RequestHeadScanner(maxBytes: 10)
        let nine = [UInt8](repeating: 0x41, count: 9)
        #expect(try scanner.scan(nine.span) == .incomplete)
        #expect(throws: RequestHeadError.headTooLarge(limitBytes: 10)) { try scanner.scan((nine + [0x41]).span) }
    }
}
