// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@Suite struct ChunkedReaderTests {
    private func chunked(_ text: String, maxLine: Int = 64, maxTrailer: Int = 64) -> Reading {
        readEveryWay(Array(text.utf8)) {
            var reader = ChunkedReader(maxLineBytes: maxLine, maxTrailerBytes: maxTrailer)
            return { try reader.step($0) }
        }
    }

    private func failure(_ error: ChunkedError) -> Reading.Outcome { .failed(String(describing: error)) }

    @Test func `chunks give their data and end after the last chunk`() {
        let reading = chunked("5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n")
        #expect(reading.restText == "hello, world")
        #expect(reading.outcome == .end)
    }

    @Test func `an empty body is the last chunk alone`() {
        let reading = chunked("0\r\n\r\n")
        #expect(reading.rest.isEmpty)
        #expect(reading.outcome == .end)
    }

    @Test func `data may look like framing`() {
        #expect(chunked("c\r\n0\r\n\r\n5\r\n\r\n00\r\n0\r\n\r\n").restText == "0\r\n\r\n5\r\n\r\n00")
    }

    @Test func `what follows the end is left alone`() {
        let reading = chunked("1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n")
        #expect(reading.outcome == .end)
        #expect(reading.readBytes == 11)
    }

    @Test func `hexadecimal sizes in both cases and with leading zeros`() {
        for size in ["a", "A", "0a", "0000000A"] {
            #expect(chunked("\(size)\r\n0123456789\r\n0\r\n\r\n").restText == "0123456789")
        }
    }

    @Test func `the largest size of eight digits is taken as it is`() throws {
        var reader = ChunkedReader(maxLineBytes: 64, maxTrailerBytes: 64)
        let line = Array("ffffffff\r\n".utf8)
        let data: [UInt8] = [7]
        let nothing: [UInt8] = []
        #expect(try reader.step(line.span) == .consume(10))
        #expect(try reader.step(data.span) == .take(1))
        #expect(try reader.step(nothing.span) == .needMore(1))
    }

    @Test func `extensions and trailers are read over`() {
        let reading = chunked("3;name=\"v;alue\"\r\nabc\r\n0;last\r\nDigest: x\r\nA: b\r\n\r\n")
        #expect(reading.restText == "abc")
        #expect(reading.outcome == .end)
    }

    @Test(arguments: [
        "\r\n", "x\r\n", "0x5\r\nhello\r\n", "+5\r\nhello\r\n", "-5\r\nhello\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n",
        "5 junk\r\nhello\r\n", "5\nhello\r\n", "5\r\r\nhello\r\n", "5\rhello", "123456789\r\n", "000000001\r\na\r\n",
        "5;a\nb\r\n", "5;a\u{0}\r\n", "5;a\rb\r\n", ";a\r\n", "\n", "5,5\r\nhello\r\n", "５\r\n",
    ])
    func `a malformed size line is refused`(line: String) {
        #expect(chunked(line).outcome == failure(.badSizeLine))
    }

    @Test(arguments: ["2\r\nabc\r\n", "2\r\nab\n\n", "2\r\nab\rX", "2\r\nab0\r\n\r\n"])
    func `data that is not followed by CRLF is refused`(body: String) {
        let reading = chunked(body)
        #expect(reading.outcome == failure(.badChunkEnd))
        #expect(reading.restText == "ab")
    }

    @Test(arguments: ["0\r\nA: b\n\r\n", "0\r\nA: \u{0}\r\n\r\n", "0\r\nA\rb\r\n\r\n", "0\r\n\n"])
    func `a malformed trailer is refused`(body: String) {
        #expect(chunked(body).outcome == failure(.badTrailer))
    }

    @Test func `a size line may be as long as its limit and no longer`() {
        #expect(chunked("1;abc\r\nx\r\n0\r\n\r\n", maxLine: 7).outcome == .end)
        #expect(chunked("1;abc\r\nx\r\n0\r\n\r\n", maxLine: 6).outcome == failure(.sizeLineTooLong(limit: 6)))
    }

    @Test func `trailers may be as long as their limit together and no longer`() {
        let body = "0\r\nA: b\r\nC: d\r\n\r\n"
        #expect(chunked(body, maxTrailer: 14).outcome == .end)
        #expect(chunked(body, maxTrailer: 13).outcome == failure(.trailerTooLong(limit: 13)))
    }

    @Test func `a body cut anywhere wants more and never ends early`() {
        let body = Array("5\r\nhello\r\n0\r\nA: b\r\n\r\n".utf8)
        for count in 0..<body.count {
            var reader = ChunkedReader(maxLineBytes: 64, maxTrailerBytes: 64)
            let reading = read(Array(body[..<count]), pieces: [count]) { try reader.step($0) }
            #expect(reading.outcome == .wantsMore, "\(count) bytes")
        }
    }

    @Test func `random bytes are read the same way however they are cut`() {
        var random = SeededGenerator(seed: 3)
        let alphabet = Array("0123abF;\r\n\r\n x".utf8)
        for _ in 0..<20_000 {
            let input = (0..<Int(random.next() % 24)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
            var first = ChunkedReader(maxLineBytes: 8, maxTrailerBytes: 8)
            var second = first
            let whole = read(input, pieces: [input.count]) { try first.step($0) }
            let bytewise = read(input, pieces: [Int](repeating: 1, count: input.count)) { try second.step($0) }
            #expect(whole == bytewise, "\(input)")
        }
    }

    @Test func `each error says what would be accepted`() {
        #expect(ChunkedError.sizeLineTooLong(limit: 64).message.contains("at most 64 bytes"))
        #expect(ChunkedError.trailerTooLong(limit: 65).message.contains("at most 65 bytes"))
        #expect(ChunkedError.badSizeLine.message.contains("hexadecimal"))
        #expect(ChunkedError.badChunkEnd.message.contains("CRLF"))
        #expect(ChunkedError.badTrailer.message.contains("CRLF"))
    }
}
