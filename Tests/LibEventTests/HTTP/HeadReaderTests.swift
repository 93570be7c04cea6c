// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import LibEvent

/// One request head out of bytes, however they are cut, within its limits.
@Suite struct HeadReaderTests {
    private static let text = "GET /a HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n"

    private func limits(bytes: Int = 200, fields: Int = 8) -> HTTPLimits {
        HTTPLimits(
            maxHeaderBytes: bytes, maxHeaderFields: fields, headerTimeout: .seconds(1), idleTimeout: .seconds(1),
            stallTimeout: .seconds(1))
    }

    /// The path and the length of a head that was read, and the bytes after it.
    private struct Found: Equatable {
        var path: String
        var byteCount: Int
        var rest: String
    }

    /// Shows `pieces` one after the other; nil if the head is incomplete.
    private func read(_ pieces: [String], _ limits: HTTPLimits) throws -> Found? {
        var reader = HeadReader(limits: limits)
        let input = try InputBuffer()
        var found: Found?
        for piece in pieces {
            input.append(Array(piece.utf8))
            guard found == nil, let (head, byteCount) = try input.readHead(with: &reader) else { continue }
            input.drop(byteCount)
            found = Found(path: head.path, byteCount: byteCount, rest: "")
        }
        found?.rest = String(decoding: input.allBytes, as: UTF8.self)
        return found
    }

    @Test func `a head is found however it is cut, and stays in the buffer`() throws {
        let bytes = Self.text + "body"
        let expected = Found(path: "/a", byteCount: Self.text.utf8.count, rest: "body")
        for place in 0...bytes.count {
            #expect(try read([String(bytes.prefix(place)), String(bytes.dropFirst(place))], limits()) == expected)
        }
        #expect(try read(bytes.map { String($0) }, limits()) == expected)
    }

    @Test func `a head that is cut short is incomplete`() throws {
        for count in 0..<Self.text.count { #expect(try read([String(Self.text.prefix(count))], limits()) == nil) }
    }

    @Test func `an empty line before the head is dropped, and a second one is refused`() throws {
        let expected = Found(path: "/a", byteCount: Self.text.utf8.count, rest: "")
        #expect(try read(["\r\n" + Self.text], limits()) == expected)
        #expect(try read(["\r", "\n", Self.text], limits()) == expected)
        #expect(throws: RequestHeadError.badRequestLine) { try read(["\r\n\r\n" + Self.text], limits()) }
    }

    @Test func `a head may be as long as the limit, and not a byte longer`() throws {
        let count = Self.text.utf8.count
        for opening in ["", "\r\n"] {
            #expect(try read([opening + Self.text], limits(bytes: count)) != nil)
            #expect(try read([opening + Self.text], limits(bytes: count + 1)) != nil)
            #expect(throws: RequestHeadError.headTooLarge(limitBytes: count - 1)) {
                try read([opening + Self.text + "body"], limits(bytes: count - 1))
            }
        }
    }

    @Test func `a head without an end is refused at the limit, not before`() throws {
        let line = "GET /" + String(repeating: "a", count: 300)
        #expect(try read([String(line.prefix(199))], limits()) == nil)
        #expect(throws: RequestHeadError.headTooLarge(limitBytes: 200)) {
            try read([String(line.prefix(200))], limits())
        }
    }

    @Test func `a head may have as many fields as the limit`() throws {
        #expect(try read([Self.text], limits(fields: 2)) != nil)
        #expect(throws: RequestHeadError.self) { try read([Self.text], limits(fields: 1)) }
    }

    @Test func `the bytes of a head that cannot begin one are refused as they come`() throws {
        #expect(throws: RequestHeadError.badLineEnd) { try read(["GET / HTTP/1.1\n"], limits()) }
    }
}
