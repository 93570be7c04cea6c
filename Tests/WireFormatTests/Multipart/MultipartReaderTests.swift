// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

private let limits = MultipartReader.Limits(maxPartBytes: 100, maxHeadBytes: 120, maxPreambleBytes: 40)

private func parts(
    _ text: String, boundary: String? = "b", limits: MultipartReader.Limits = limits,
    sourceLocation: SourceLocation = #_sourceLocation
) -> Reading {
    readEveryWay(
        Array(text.utf8),
        {
            var reader = MultipartReader(boundary: boundary, limits: limits)
            return { try reader.step($0) }
        }, sourceLocation: sourceLocation)
}

private func failure(_ error: MultipartError) -> Reading.Outcome { .failed(String(describing: error)) }

@Suite struct MultipartReaderTests {
    @Test func `parts as ffmpeg sends them, without any Content-Type of the request`() {
        let head = "Content-type: image/jpeg\r\nContent-length: 4\r\n\r\n"
        let reading = parts("--ffmpeg\r\n\(head)abcd\r\n--ffmpeg\r\n\(head)efgh\r\n", boundary: nil)
        #expect(reading.texts == ["abcd", "efgh"])
        #expect(reading.outcome == .wantsMore)
    }

    @Test func `a part is complete with its last byte and not with the next delimiter`() {
        let reading = parts("--b\r\nContent-Length: 4\r\n\r\nabcd")
        #expect(reading.texts == ["abcd"])
    }

    @Test func `a part without length ends before the CRLF of the next delimiter`() {
        let reading = parts("--b\r\n\r\nab\r\n--b\r\nContent-Type: image/jpeg\r\n\r\ncd\r\n\r\n--b--")
        #expect(reading.texts == ["ab", "cd\r\n"])
        #expect(reading.outcome == .end)
    }

    @Test func `data that begins like a delimiter is data`() {
        let reading = parts("--bound\r\n\r\n\r\r\n\r\n--boun\r\n-\r\n--bounx\r\n--bound--", boundary: "bound")
        #expect(reading.texts == ["\r\r\n\r\n--boun\r\n-\r\n--bounx"])
    }

    @Test func `data of a part with length may hold the delimiter`() {
        let reading = parts("--b\r\nContent-Length: 9\r\n\r\na\r\n--b\r\nc\r\n--b--\r\n")
        #expect(reading.texts == ["a\r\n--b\r\nc"])
        #expect(reading.outcome == .end)
    }

    @Test func `empty parts with and without length`() {
        #expect(parts("--b\r\nContent-Length: 0\r\n\r\n\r\n--b--").texts == [""])
        #expect(parts("--b\r\n\r\n--b\r\n\r\n\r\n--b--").texts == ["", ""])
    }

    @Test func `the closing delimiter ends at once and what follows is left alone`() {
        let reading = parts("--b\r\nContent-Length: 1\r\n\r\na\r\n--b--\r\nepilogue")
        #expect(reading.outcome == .end)
        #expect(reading.readBytes == "--b\r\nContent-Length: 1\r\n\r\na\r\n--b--".utf8.count)
    }

    @Test func `a body of the closing delimiter alone has no parts`() {
        let reading = parts("--b--")
        #expect(reading.parts.isEmpty)
        #expect(reading.outcome == .end)
    }

    @Test func `empty lines between parts, blanks behind a delimiter, no CRLF before it`() {
        let part = "Content-Length: 1\r\n\r\na"
        #expect(
            parts("\r\n\r\n--b\r\n\(part)\r\n\r\n\r\n--b \t\r\n\(part)--b\r\n\(part)--b--").texts == ["a", "a", "a"])
        #expect(parts("\r\n--b\r\n\(part)\r\n\r\n--b--", boundary: nil).outcome == .end)
    }

    @Test func `a preamble is read over`() {
        #expect(parts("This is\nMIME.\r\n--bc\n-b\r\n --b\r\n--x\r\n--b--").outcome == failure(.badDelimiter))
        #expect(parts("This is\nMIME.\r\n-b\r\n --b\r\n--x\r\n--b--").outcome == .end)
    }

    @Test(arguments: ["----cam\r\n\r\nx\r\n----cam--", "--cam\r\n\r\nx\r\n--cam--"])
    func `a boundary that is named with its dashes is taken as the camera writes it`(body: String) {
        let reading = parts(body, boundary: "--cam")
        #expect(reading.texts == ["x"])
        #expect(reading.outcome == .end)
    }

    @Test func `the first delimiter fixes the dashes`() {
        let reading = parts("--cam\r\nContent-Length: 1\r\n\r\nx\r\n----cam\r\n", boundary: "--cam")
        #expect(reading.outcome == failure(.badDelimiter))
    }

    @Test(arguments: ["image/jpeg", "IMAGE/JPEG", "image/jpg", "image/jpeg; charset=binary", "image/jpeg ;q"])
    func `a part's type may be written in these ways`(type: String) {
        #expect(parts("--b\r\ncontent-TYPE:\t\(type)\r\nCONTENT-length:1\r\n\r\na").texts == ["a"])
    }

    @Test(arguments: ["image/png", "text/html", "", "image/jpegs", "image", "multipart/mixed", "image/jpeg, text/html"])
    func `a part of another type is refused`(type: String) {
        #expect(parts("--b\r\nContent-Type: \(type)\r\n\r\n").outcome == failure(.unsupportedPartType(type)))
    }

    @Test func `encodings that change bytes are refused`() {
        for (name, value) in [
            ("Content-Encoding", "gzip"), ("Content-Transfer-Encoding", "base64"),
            ("content-transfer-encoding", "quoted-printable"),
        ] {
            let reading = parts("--b\r\n\(name): \(value)\r\n\r\n")
            #expect(reading.outcome == failure(.unsupportedPartEncoding(value)))
        }
        for value in ["binary", "8bit", "7BIT"] {
            #expect(parts("--b\r\nContent-Transfer-Encoding: \(value)\r\nContent-Length: 1\r\n\r\na").texts == ["a"])
        }
    }

    @Test(arguments: ["+5", "-1", "0x5", "5 5", "5,5", "", "1e3", "12345678901234567890", "five"])
    func `a malformed length is refused`(length: String) {
        let reading = parts("--b\r\nContent-Length: \(length)\r\n\r\nhello")
        #expect(reading.outcome == failure(.badPartLength(length)))
    }

    @Test func `two lengths or two types are refused`() {
        #expect(
            parts("--b\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na").outcome == failure(.badPartLength("1")))
        let type = "Content-Type: image/jpeg"
        #expect(parts("--b\r\n\(type)\r\n\(type)\r\n\r\na").outcome == failure(.badPartHead(type)))
    }

    @Test(arguments: ["no colon", " folded: x", ": x", "a b: x", "a : x", "a: \u{1}", "ä: x"])
    func `a malformed line in a part's head is refused`(line: String) {
        guard case .failed(let error) = parts("--b\r\n\(line)\r\n\r\n").outcome else {
            Issue.record("\(line) was accepted")
            return
        }
        #expect(error.hasPrefix("badPartHead"))
    }

    @Test(arguments: ["a: x\n\r\n", "a: x\rb\r\n", "a: \u{0}\r\n"])
    func `a bare line end or NUL in a part's head is refused`(lines: String) {
        guard case .failed(let error) = parts("--b\r\n\(lines)").outcome else {
            Issue.record("\(lines) was accepted")
            return
        }
        #expect(error.hasPrefix("badPartHead"))
    }
}

@Suite struct MultipartReaderLimitTests {
    @Test func `a declared length may reach the limit and not pass it`() {
        let body = String(repeating: "x", count: 100)
        #expect(parts("--b\r\nContent-Length: 100\r\n\r\n\(body)").texts == [body])
        let reading = parts("--b\r\nContent-Length: 101\r\n\r\n\(body)x")
        #expect(reading.outcome == failure(.partTooLarge(limit: 100)))
        #expect(reading.rest.isEmpty)
    }

    @Test func `a part without length may reach the limit and not pass it`() {
        let body = String(repeating: "x", count: 100)
        #expect(parts("--b\r\n\r\n\(body)\r\n--b--").texts == [body])
        let reading = parts("--b\r\n\r\n\(body)x\r\n--b--")
        #expect(reading.outcome == failure(.partTooLarge(limit: 100)))
        #expect(reading.rest.count == 100)
    }

    @Test func `a part's head may reach its limit and not pass it`() {
        var small = limits
        small.maxHeadBytes = 21
        #expect(parts("--b\r\nContent-Length: 1\r\n\r\na", limits: small).texts == ["a"])
        small.maxHeadBytes = 20
        #expect(
            parts("--b\r\nContent-Length: 1\r\n\r\na", limits: small).outcome
                == failure(.partHeadTooLarge(limit: 20)))
    }

    @Test func `a preamble may reach its limit and not pass it`() {
        let line = String(repeating: "p", count: 38)
        #expect(parts("\(line)\r\n--b--").outcome == .end)
        #expect(parts("p\(line)\r\n--b--").outcome == failure(.preambleTooLong(limit: 40)))
        #expect(parts(String(repeating: "p", count: 41)).outcome == failure(.preambleTooLong(limit: 40)))
    }

    @Test func `empty lines and blanks around delimiters have the same limit`() {
        let part = "--b\r\nContent-Length: 1\r\n\r\na"
        let lines = String(repeating: "\r\n", count: 20)
        #expect(parts("\(part)\(lines)--b--").outcome == .end)
        #expect(parts("\(part)\(lines)\r\n--b--").outcome == failure(.preambleTooLong(limit: 40)))
        let blanks = String(repeating: " ", count: 41)
        #expect(parts("--b\(blanks)\r\n").outcome == failure(.preambleTooLong(limit: 40)))
    }

    @Test(arguments: ["", String(repeating: "x", count: 71), "a\"b", "a\nb", "ä"])
    func `a boundary that RFC 2046 does not allow is refused`(boundary: String) {
        guard case .failed(let error) = parts("--\(boundary)\r\n", boundary: boundary).outcome else {
            Issue.record("\(boundary) was accepted")
            return
        }
        #expect(error.hasPrefix("badBoundary"))
    }

    @Test(arguments: ["{\"json\": 1}", "\u{FF}\u{D8}", "-x\r\n", "\r-", "-", "\rx"])
    func `without a name the body must begin with a delimiter`(body: String) {
        let outcome = parts(body + "xx\r\n", boundary: nil).outcome
        #expect(outcome == failure(.noBoundary))
    }

    @Test func `junk behind a part with length is refused at its first byte`() {
        let part = "--b\r\nContent-Length: 1\r\n\r\na"
        for junk in ["b", "\rx", "\n", "-x", "--c", "--b-x", "--b x", "\u{FF}"] {
            #expect(parts(part + junk + "\r\n\r\n").outcome == failure(.badDelimiter), "\(junk)")
        }
    }

    @Test func `a body cut anywhere is known to be inside a part or not`() {
        let text = "\r\n--b\r\nContent-Length: 3\r\n\r\nabc\r\n--b\r\n\r\nde\r\n--b--"
        let body = Array(text.utf8)
        let inside = { (count: Int) in (8..<31).contains(count) || (39..<47).contains(count) }
        for count in 0...body.count {
            var reader = MultipartReader(boundary: "b", limits: limits)
            let reading = read(Array(body[..<count]), pieces: [count]) { try reader.step($0) }
            #expect(reading.outcome == (count == body.count ? .end : .wantsMore), "\(count) bytes")
            #expect(reader.isInsidePart == inside(count), "\(count) bytes")
        }
    }

    @Test func `random bytes are read the same way however they are cut`() {
        var random = SeededGenerator(seed: 4)
        let pieces = ["--b", "\r\n", "\r\n", "\r", "\n", "--", "-", "x", "Content-Length: 3\r\n", "b", " ", "abc"]
        var small = limits
        small.maxPartBytes = 9
        small.maxPreambleBytes = 9
        small.maxHeadBytes = 30
        for round in 0..<20_000 {
            let input = (0..<Int(random.next() % 14)).flatMap { _ in
                Array(pieces[Int(random.next() % UInt64(pieces.count))].utf8)
            }
            let boundary: String? = [nil, "b", "--b"][round % 3]
            var first = MultipartReader(boundary: boundary, limits: small)
            var second = first
            let whole = read(input, pieces: [input.count]) { try first.step($0) }
            let bytewise = read(input, pieces: [Int](repeating: 1, count: input.count)) { try second.step($0) }
            #expect(whole == bytewise, "\(String(decoding: input, as: UTF8.self))")
        }
    }

    @Test func `real frames come out byte for byte with and without length`() {
        let frames = [JPEGSamples.colour, JPEGSamples.frame(byteCount: 30_000), JPEGSamples.progressive]
        for hasLength in [true, false] {
            var body: [UInt8] = []
            for frame in frames {
                let length = hasLength ? "Content-Length: \(frame.count)\r\n" : ""
                body += Array("--cam\r\nContent-Type: image/jpeg\r\n\(length)\r\n".utf8) + frame + Array("\r\n".utf8)
            }
            body += Array("--cam--\r\n".utf8)
            for piece in [1, 7, 1_460, 16_384, body.count] {
                var reader = MultipartReader(
                    boundary: "cam", limits: .init(maxPartBytes: 40_000, maxHeadBytes: 200, maxPreambleBytes: 100))
                let pieces = [Int](repeating: piece, count: body.count / piece + 1)
                let reading = read(body, pieces: pieces) { try reader.step($0) }
                #expect(reading.parts == frames)
                #expect(reading.outcome == .end)
            }
        }
    }
}
