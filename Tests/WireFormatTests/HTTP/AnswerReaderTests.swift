// SPDX-License-Identifier: MIT
import Testing
import WireFormat

struct AnswerReaderTests {
    private func head(_ lines: String...) -> String { lines.map { "\($0)\r\n" }.joined() + "\r\n" }

    @Test func `a body of known length ends with its last byte`() {
        let reading = readAnswersEveryWay(head("HTTP/1.1 200 OK", "Content-Length: 5") + "hello")
        #expect(reading.statuses == [200])
        #expect(reading.bodies == ["hello"])
        #expect(reading.ends == 1)
        #expect(reading.isReusable)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK", "Content-Length: 0", true), ("HTTP/1.1 204 No Content", "x: y", true),
        ("HTTP/1.1 304 Not Modified", "Content-Length: 7", true),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", false),
    ])
    func `answers without a body end with their head`(_ status: String, _ field: String, _ isWhole: Bool) {
        let reading = readAnswersEveryWay(head(status, field), isEnding: false)
        #expect(reading.bodies == [])
        #expect(reading.ends == (isWhole ? 1 : 0))
    }

    @Test func `the answer to HEAD has no body, whatever its fields say`() {
        for field in ["Content-Length: 5", "Transfer-Encoding: chunked", "x: y"] {
            let reading = readAnswersEveryWay(head("HTTP/1.1 200 OK", field), toHead: true)
            #expect(reading.ends == 1 && reading.error == nil && reading.isReusable)
        }
    }

    @Test func `chunked coding is undone`() {
        let coded = "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
        let reading = readAnswersEveryWay(head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + coded)
        #expect(reading.bodies == ["hello world"])
        #expect(reading.ends == 1)
        #expect(reading.isReusable)
        #expect(reading.error == nil)
    }

    @Test func `a body without length goes on to the end of the connection`() {
        let text = head("HTTP/1.1 200 OK") + "all of it"
        let reading = readAnswersEveryWay(text)
        #expect(reading.bodies == ["all of it"])
        #expect(reading.ends == 1)
        #expect(readAnswersEveryWay(text, isEnding: false).ends == 0)
        #expect(readAnswersEveryWay(head("HTTP/1.0 200 OK")).ends == 1)
    }

    @Test func `answers follow each other, and interim ones come before theirs`() {
        let text =
            head("HTTP/1.1 100 Continue") + head("HTTP/1.1 103 Early Hints", "Link: x")
            + head("HTTP/1.1 200 OK", "Content-Length: 2") + "ab"
            + head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + "1\r\nc\r\n0\r\n\r\n"
            + head("HTTP/1.1 404 Not Found", "Content-Length: 1") + "d"
        let reading = readAnswersEveryWay(text)
        #expect(reading.statuses == [100, 103, 200, 200, 404])
        #expect(reading.bodies == ["ab", "c", "d"])
        #expect(reading.ends == 3)
    }

    @Test func `after a switch of protocols everything is body`() {
        let text = head("HTTP/1.1 101 Switching Protocols", "Content-Length: 1") + "raw" + head("HTTP/1.1 200 OK")
        let reading = readAnswersEveryWay(text)
        #expect(reading.statuses == [101])
        #expect(reading.bodies == ["raw" + head("HTTP/1.1 200 OK")])
        #expect(reading.ends == 1)
    }

    @Test(arguments: [
        ("HTTP/1.1", "x: y", true), ("HTTP/1.1", "Connection: close", false), ("HTTP/1.0", "x: y", false),
        ("HTTP/1.0", "Connection: keep-alive", true), ("HTTP/1.1", "Connection: Upgrade, Close", false),
    ])
    func `a connection is kept where the answer allows it`(_ version: String, _ field: String, _ isKept: Bool) {
        let reading = readAnswers(Array(head("\(version) 200 OK", "Content-Length: 0", field).utf8), pieces: [])
        #expect(reading.ends == 1)
        #expect(reading.isReusable == isKept)
    }

    @Test func `bytes that nothing was asked for leave the connection unusable`() throws {
        var reader = AnswerReader(limits: wideLimits)
        #expect(reader.isReusable)
        let bytes = Array("HTTP/1.1 200 OK\r\n\r\n".utf8)
        var offset = 0
        #expect(try reader.next(in: bytes.span, from: &offset) == nil)
        #expect(offset == bytes.count)
        #expect(!reader.isReusable)
    }

    @Test func `bytes that come together with an end leave the connection unusable`() throws {
        var reader = AnswerReader(limits: wideLimits)
        reader.expectAnswer()
        let bytes = Array((head("HTTP/1.1 200 OK", "Content-Length: 1") + "ab").utf8)
        var offset = 0
        while let event = try reader.next(in: bytes.span, from: &offset), event != .end {}
        #expect(!reader.isReusable)
    }

    @Test func `one empty line before the status line is skipped`() {
        let reading = readAnswersEveryWay("\r\n" + head("HTTP/1.1 200 OK", "Content-Length: 0"))
        #expect(reading.statuses == [200])
        #expect(readAnswersEveryWay("\r\n\r\n" + head("HTTP/1.1 200 OK")).error == .badHead(.badLineEnd))
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    ])
    func `an answer that breaks off is an error`(_ text: String) {
        let reading = readAnswersEveryWay(text)
        #expect(reading.error == .endedEarly)
        #expect(reading.ends == 0)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\n\n", AnswerError.badHead(.badLineEnd)),
        ("SSH-2.0-x\r\n\r\n", .badHead(.badStatusLine("SSH-2.0-x"))),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            .badHead(.badFraming("99999999999999999999"))
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .badHead(.badFraming("-1"))),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n", .badBody(.badSizeLine)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", .badBody(.badChunkEnd)),
    ])
    func `an answer that is none is an error`(_ text: String, _ error: AnswerError) {
        #expect(readAnswersEveryWay(text).error == error)
    }

    @Test func `each limit holds to the byte`() {
        var limits = AnswerReader.Limits(headBytes: 19, bodyBytes: 4, fields: 1, chunkLineBytes: 5, trailerBytes: 7)
        func error(_ text: String) -> AnswerError? { readAnswersEveryWay(text, limits: limits).error }
        #expect(error("HTTP/1.1 200 OK\r\n\r\nabcd") == nil)
        #expect(error("HTTP/1.1 200 OK\r\n\r\nabcde") == .bodyTooLarge(limitBytes: 4))
        #expect(error("HTTP/1.1 200 OKK\r\n\r\n") == .headTooLarge(limitBytes: 19))
        limits.headBytes = 100
        #expect(error("HTTP/1.1 200 OK\r\na: b\r\nContent-Length: 4\r\n\r\nabcd") == .badHead(.tooManyFields(limit: 1)))
        #expect(error("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde") == .bodyTooLarge(limitBytes: 4))
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(error(chunked + "4;x\r\nabcd\r\n0\r\na: b\r\n\r\n") == .badBody(.trailerTooLong(limit: 7)))
        limits.trailerBytes = 8
        #expect(error(chunked + "4;x\r\nabcd\r\n0\r\na: b\r\n\r\n") == nil)
        #expect(error(chunked + "4;xy\r\nabcd\r\n") == .badBody(.sizeLineTooLong(limit: 5)))
        #expect(error(chunked + "3\r\nabc\r\n2\r\nde\r\n") == .bodyTooLarge(limitBytes: 4))
    }
}
