// SPDX-License-Identifier: MIT
import LibEvent
import Testing
import WireFormat

@testable import EvRelay

@Suite struct UploadBodyTests {
    private static let bare = ["POST /upload HTTP/1.1", "Host: x"]

    /// The result of a body that arrives in pieces of one size, or cut in two.
    private struct Outcome: Equatable {
        var content: [UInt8] = []
        var isComplete = false
        /// The bytes after the body's end.
        var left: [UInt8] = []
    }

    private static func take(_ buffer: InputBuffer) -> [UInt8] {
        let bytes = buffer.withFront(atLeast: buffer.count) { front in
            (0..<buffer.count).map { front[$0] }
        }
        buffer.drop(bytes.count)
        return bytes
    }

    private static func read(
        _ lines: [String], _ pieces: [ArraySlice<UInt8>]
    ) throws -> Outcome {
        var body = UploadBody(try head(lines))
        let (input, content) = (try InputBuffer(), try InputBuffer())
        var outcome = Outcome()
        for piece in pieces {
            input.append(Array(piece))
            if outcome.isComplete { continue }
            outcome.isComplete = try body.move(from: input, to: content)
            // Bytes that cannot be moved now must not be offered again before more have come.
            if !outcome.isComplete { #expect(!body.canMove(input)) }
        }
        outcome.content = take(content)
        outcome.left = take(input)
        return outcome
    }

    private static func inTwo(_ bytes: [UInt8], at place: Int) -> [ArraySlice<UInt8>] {
        [bytes[..<place], bytes[place...]]
    }

    private static func oneByOne(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] { bytes.indices.map { bytes[$0...$0] } }

    private static let chunked = bare + ["Transfer-Encoding: chunked"]

    @Test(arguments: [
        "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "B\r\nhello world\r\n0\r\n\r\n", "b\r\nhello world\r\n000\r\n\r\n",
        "5;name=value\r\nhello\r\n00000006\r\n world\r\n0;last\r\nTrailer: x\r\nAnother: y\r\n\r\n",
    ])
    func `chunks are the same however they are cut`(_ text: String) throws {
        let bytes = Array(text.utf8)
        let rest = Array("--next".utf8)
        let expected = Outcome(content: Array("hello world".utf8), isComplete: true, left: rest)
        for place in 0...bytes.count {
            #expect(try Self.read(Self.chunked, Self.inTwo(bytes + rest, at: place)) == expected, "at \(place)")
        }
        #expect(try Self.read(Self.chunked, Self.oneByOne(bytes + rest)) == expected)
    }

    @Test func `a chunked body that is cut short is not complete and loses nothing`() throws {
        let bytes = Array("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n".utf8)
        for count in 0..<bytes.count {
            let outcome = try Self.read(Self.chunked, [bytes[..<count]])
            #expect(!outcome.isComplete, "at \(count)")
            #expect("hello world".utf8.starts(with: outcome.content), "at \(count)")
        }
    }

    @Test(arguments: [
        ("x\r\n", ChunkedError.badSizeLine), ("5\nhello", .badSizeLine), ("-1\r\n", .badSizeLine),
        ("0x5\r\n", .badSizeLine), ("123456789\r\n", .badSizeLine), ("5\r\nhelloXX", .badChunkEnd),
        ("0\r\nbad\nline", .badTrailer), ("1;" + String(repeating: "x", count: 300), .sizeLineTooLong(limit: 256)),
        ("0\r\n" + String(repeating: "a: b\r\n", count: 2000), .trailerTooLong(limit: 8192)),
    ])
    func `a chunked body that is malformed is refused however it is cut`(
        _ text: String, _ error: ChunkedError
    ) throws {
        let bytes = Array(text.utf8)
        #expect(throws: UploadStreamError.chunked(error)) { try Self.read(Self.chunked, [bytes[...]]) }
        #expect(throws: UploadStreamError.chunked(error)) { try Self.read(Self.chunked, Self.oneByOne(bytes)) }
    }

    @Test func `a declared length ends the body however it is cut`() throws {
        let bytes = Array("hello worldnext".utf8)
        let expected = Outcome(content: Array("hello world".utf8), isComplete: true, left: Array("next".utf8))
        let lines = Self.bare + ["Content-Length: 11"]
        for place in 0...bytes.count { #expect(try Self.read(lines, Self.inTwo(bytes, at: place)) == expected) }
        #expect(try Self.read(lines, Self.oneByOne(bytes)) == expected)
        let short = try Self.read(lines, [bytes[..<10]])
        #expect(short == Outcome(content: Array("hello worl".utf8), isComplete: false, left: []))
    }

    @Test func `a declared length of nothing is complete at once`() throws {
        #expect(try Self.read(Self.bare + ["Content-Length: 0"], [[]]).isComplete)
    }

    @Test func `without length or chunks everything is the body`() throws {
        let bytes = Array("0\r\n\r\n--frame--".utf8)
        let expected = Outcome(content: bytes, isComplete: false, left: [])
        #expect(try Self.read(Self.bare, Self.oneByOne(bytes)) == expected)
        #expect(try Self.read(Self.bare, [bytes[...]]) == expected)
    }

    @Test func `megabytes of data pass through in whole pieces`() throws {
        var bytes: [UInt8] = []
        for number in 0..<40 {
            bytes += Array("10000\r\n".utf8) + [UInt8](repeating: UInt8(number), count: 65536) + Array("\r\n".utf8)
        }
        bytes += Array("0\r\n\r\n".utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 4093).map { bytes[$0..<min($0 + 4093, bytes.count)] }
        let outcome = try Self.read(Self.chunked, pieces)
        #expect(outcome.isComplete)
        #expect(outcome.content.count == 40 * 65536)
        #expect((0..<40).allSatisfy { outcome.content[$0 * 65536 + 65535] == UInt8($0) })
    }
}
