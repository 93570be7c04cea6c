// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import RelayLoad

struct StreamDecoderTests {
    private static let parts = "--frame\r\n" + part("abcdef") + part("") + part("--frame\r\n")
    private static let expected = ["abcdef", "", "--frame\r\n"]

    private static func part(_ jpeg: String) -> String {
        "Content-Type: image/jpeg\r\ncontent-length: \(jpeg.utf8.count)\r\nX-Timestamp: 1.5\r\n\r\n\(jpeg)\r\n--frame\r\n"
    }

    private static func plain(_ body: String) -> [UInt8] {
        Array("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\n\r\n\(body)".utf8)
    }

    /// Returns the body with one chunk for each `size` bytes.
    private static func chunked(_ body: String, size: Int) -> [UInt8] {
        var bytes = Array(
            """
            HTTP/1.1 200 OK\r
            Transfer-Encoding: chunked\r
            Content-Type: multipart/x-mixed-replace; boundary="frame"\r
            \r

            """.utf8)
        var rest = Array(body.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            bytes += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
            rest = rest.dropFirst(size)
        }
        return bytes
    }

    /// Returns the JPEGs whose part was read to its delimiter, and whether the stream was closed.
    private func decode(_ bytes: [UInt8], step: Int) throws -> (jpegs: [String], isClosed: Bool) {
        var decoder = StreamDecoder()
        var (jpegs, jpeg, declared, isClosed) = ([String](), [UInt8](), 0, false)
        for start in stride(from: 0, to: bytes.count, by: step) {
            let piece = Array(bytes[start..<min(bytes.count, start + step)])
            var offset = 0
            while let event = try decoder.next(in: piece.span, from: &offset) {
                switch event {
                case .head(let head):
                    #expect(head.status == 200)
                    #expect(head.boundary == "frame")
                case .part(let count):
                    declared = count
                    jpeg = []
                case .jpeg(let range): jpeg += piece[range]
                case .partEnd, .end:
                    #expect(jpeg.count == declared)
                    jpegs.append(String(decoding: jpeg, as: UTF8.self))
                    if event == .end { isClosed = true }
                }
            }
            #expect(offset == piece.count)
        }
        return (jpegs, isClosed)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 100_000])
    func `a plain stream is the same however it is cut`(step: Int) throws {
        let result = try decode(Self.plain(Self.parts), step: step)
        #expect(result.jpegs == Self.expected)
        #expect(!result.isClosed)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 100_000], [1, 5, 1000])
    func `a chunked stream is the same however it is cut and chunked`(step: Int, size: Int) throws {
        #expect(try decode(Self.chunked(Self.parts, size: size), step: step).jpegs == Self.expected)
    }

    @Test(arguments: [1, 100_000])
    func `the closing delimiter ends the stream in both codings`(step: Int) throws {
        // CR LF is one Character.
        let closed = String(Self.parts.dropLast()) + "--\r\n"
        #expect(try decode(Self.plain(closed), step: step).isClosed)
        let coded = Self.chunked(closed, size: 50) + Array("0\r\n\r\n".utf8)
        #expect(try decode(coded, step: step).isClosed)
    }

    @Test func `a part is not over before the last byte of its delimiter`() throws {
        let bytes = Self.plain("--frame\r\n" + Self.part("abc"))
        for count in 0..<bytes.count {
            #expect(try decode(Array(bytes.prefix(count)), step: 9).jpegs.isEmpty)
        }
        #expect(try decode(bytes, step: 9).jpegs == ["abc"])
    }

    @Test(arguments: [
        "--other\r\n", "-frame\r\n\r\n", "--frame\r\nContent-Length: 3\r\n\r\nabcd\r\n--frame\r\n",
        "--frame\r\nContent-Length: 3\r\n\r\nab\r\n--frame\r\nxx",
    ])
    func `a wrong delimiter is an error`(body: String) {
        #expect(throws: StreamError.badDelimiter) { try decode(Self.plain(body), step: 4) }
    }

    @Test(arguments: ["Content-Type: image/jpeg", "Content-Length: x", "Content-Length: -1"])
    func `a part without a length is an error`(field: String) {
        #expect(throws: StreamError.badPartHead) { try decode(Self.plain("--frame\r\n\(field)\r\n\r\n"), step: 4) }
    }

    @Test(arguments: [
        "x\r\n", "-1\r\n", "+1\r\n", "\r\n", "9\r\n--frame\r\nxx\r\n", "1234567890123456789012345678901234",
    ])
    func `a broken chunk is an error`(coded: String) {
        let head = Self.chunked("", size: 1)
        #expect(throws: StreamError.badChunk) { try decode(head + Array(coded.utf8), step: 5) }
    }

    @Test func `the last chunk in the middle of a part is an error`() {
        let body = "--frame\r\nContent-Length: 10\r\n\r\nabc"
        let bytes = Self.chunked(body, size: 1000) + Array("0\r\n\r\n".utf8)
        #expect(throws: StreamError.badChunk) { try decode(bytes, step: 5) }
    }

    @Test(arguments: ["SIP/2.0 200 OK\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 20x OK\r\n\r\n", "\r\n\r\n"])
    func `a response head that is none is an error`(head: String) {
        #expect(throws: StreamError.badResponseHead) { try decode(Array(head.utf8), step: 3) }
    }

    @Test func `a head without end is an error`() {
        #expect(throws: StreamError.tooLong) {
            try decode(Array("HTTP/1.1 200 OK\r\n".utf8) + [UInt8](repeating: 0x61, count: 20_000), step: 1000)
        }
    }
}
