// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

/// Answers and cuts drawn at random: a failure prints its seed.
struct AnswerReaderRandomTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `however an answer is cut, its events are the same`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = Self.answers(&random)
        let whole = readAnswers(bytes, pieces: [])
        for _ in 0..<5 {
            let most = Int.random(in: 1...40, using: &random)
            let pieces = bytes.map { _ in Int.random(in: 1...most, using: &random) }
            var cut = readAnswers(bytes, pieces: pieces)
            cut.isReusable = whole.isReusable
            #expect(cut == whole)
        }
        #expect(whole.error == nil)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `damaged answers end in an error or an event, and never exceed the limits`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = Self.answers(&random)
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            }
        }
        Self.expectBounded(bytes, &random)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `bytes of no meaning never exceed the limits`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let letters = Array(
            "HTTP/1.1 200 OK\r\n\r\nContent-Length: 0123456789abcdef;\r\nTransfer-Encoding: chunked".utf8)
        let bytes = (0..<Int.random(in: 0...600, using: &random)).map { _ in
            Bool.random(using: &random)
                ? letters.randomElement(using: &random) ?? 0 : .random(in: 0...255, using: &random)
        }
        Self.expectBounded(bytes, &random)
    }

    private static func expectBounded(_ bytes: [UInt8], _ random: inout SeededGenerator) {
        let limits = AnswerReader.Limits(
            headBytes: 200, bodyBytes: 150, fields: 6, chunkLineBytes: 20, trailerBytes: 40)
        let pieces = bytes.map { _ in Int.random(in: 1...30, using: &random) }
        let reading = readAnswers(bytes, pieces: pieces, limits: limits)
        var bodyBytes = 0
        for event in reading.events {
            switch event {
            case .head: bodyBytes = 0
            case .body(let piece):
                bodyBytes += piece.count
                #expect(bodyBytes <= 150)
            case .end: break
            }
        }
        var cut = readAnswers(bytes, pieces: [], limits: limits)
        cut.isReusable = reading.isReusable
        #expect(cut.error == reading.error)
        #expect(cut.statuses == reading.statuses)
    }

    /// Returns some valid answers, one after the other; the last one may go on to the end of data.
    private static func answers(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let body = (0..<Int.random(in: 0...100, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if Int.random(in: 0..<4, using: &random) == 0 { bytes += Array("HTTP/1.1 100 Continue\r\n\r\n".utf8) }
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes += Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
            case 1: bytes += Array("HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n".utf8)
            default:
                bytes += Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
                var rest = body[...]
                while !rest.isEmpty {
                    let chunk = rest.prefix(Int.random(in: 1...40, using: &random))
                    rest = rest.dropFirst(chunk.count)
                    bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
                }
                bytes += Array("0\r\n\r\n".utf8)
            }
        }
        // The last answer ends, so that the end of data is between two answers, or goes on to it.
        return bytes + Array("HTTP/1.1 200 OK\r\n\r\nto the end".utf8)
    }
}
