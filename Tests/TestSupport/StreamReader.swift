// SPDX-License-Identifier: MIT
import LibEvent
import System

/// One part of a stream, as a viewer received it.
public struct StreamPart: Sendable {
    /// The bytes of the frame.
    public let jpeg: [UInt8]
    /// The value of X-Timestamp in microseconds; nil in the browser form, which has none.
    public let timestampMicroseconds: Int64?
    /// The time at which the last byte was read, in microseconds since 1970.
    public let receivedMicroseconds: Int64
}

/// Reads a `multipart/x-mixed-replace` stream byte by byte as docs/protocol.md ("The stream") describes it, and accepts
/// nothing else: every chunk size, part head, length and delimiter is checked. Shares no code with the server.
///
/// Confined to one thread.
public final class StreamReader {
    /// The form that a test expects.
    public enum Form: Sendable {
        /// Parts have a length; the delimiter follows each.
        case plain
        /// The next part's head follows each part.
        case browser
    }

    /// The response's head.
    public let head: TestResponse
    /// The connection, for tests that change its pace or end it.
    public let client: TestClient
    /// True after the closing delimiter was read.
    public private(set) var isClosed = false

    private let form: Form
    private let isChunked: Bool
    private let boundary: String
    /// The unread rest of the current chunk.
    private var chunk: ArraySlice<UInt8> = []

    private static let partHead = "Content-Type: image/jpeg"

    /// Creates a reader, and reads the head and the opening directly after it.
    public init(_ client: TestClient, form: Form) throws(TestClientError) {
        self.client = client
        self.form = form
        head = try client.readHead()
        guard head.status == 200, let type = head.field("content-type"), let equals = type.firstIndex(of: "="),
            type.hasPrefix("multipart/x-mixed-replace;")
        else {
            throw .malformed("a stream's head of status \(head.status), \(head.field("content-type") ?? "no type")")
        }
        boundary = String(type[type.index(after: equals)...])
        isChunked = head.field("transfer-encoding") == "chunked"
        guard head.field("content-length") == nil, isChunked || head.field("transfer-encoding") == nil else {
            throw .malformed("a stream with a length, or coded in another way")
        }
        try beginUnit()
        try expect("--\(boundary)")
        if form == .browser { try expectPartHead() }
        try endUnit()
    }

    /// Returns the next part; nil at the stream's regular end, after which nothing may come.
    public func nextPart() throws(TestClientError) -> StreamPart? {
        if isClosed {
            try expectEnd()
            return nil
        }
        try beginUnit()
        let part = try form == .plain ? plainPart() : browserPart()
        try endUnit()
        if part == nil { try expectEnd() }
        return part
    }

    /// Returns the next part of a stream that must not end yet.
    public func part() throws(TestClientError) -> StreamPart {
        guard let part = try nextPart() else { throw .ended(waitingFor: "part", received: "closing delimiter") }
        return part
    }

    private func plainPart() throws(TestClientError) -> StreamPart? {
        let first = try takeLine()
        if first == "--\(boundary)--" {
            isClosed = true
            return nil
        }
        guard first == Self.partHead else { throw .malformed("a part that begins with \"\(first)\"") }
        let length = try value("Content-Length: ", try takeLine())
        guard let count = Int(length), count > 0, String(count) == length else {
            throw .malformed("Content-Length \"\(length)\"")
        }
        let timestamp = try microseconds(value("X-Timestamp: ", try takeLine()))
        try expect("")
        let jpeg = try take(count)
        try expect("")
        try takeDelimiter(try takeLine())
        return StreamPart(
            jpeg: jpeg, timestampMicroseconds: timestamp, receivedMicroseconds: SystemClock.nowMicroseconds())
    }

    private func browserPart() throws(TestClientError) -> StreamPart? {
        let marker = Array("\r\n--\(boundary)".utf8)
        let jpeg = Array(try take(upTo: marker).dropLast(marker.count))
        try takeDelimiter("--\(boundary)" + takeLine())
        if !isClosed { try expectPartHead() }
        guard !jpeg.isEmpty else {
            guard isClosed else { throw .malformed("an empty part") }
            return nil
        }
        return StreamPart(
            jpeg: jpeg, timestampMicroseconds: nil, receivedMicroseconds: SystemClock.nowMicroseconds())
    }

    private func takeDelimiter(_ line: String) throws(TestClientError) {
        isClosed = line == "--\(boundary)--"
        guard isClosed || line == "--\(boundary)" else { throw .malformed("delimiter \"\(line)\"") }
    }

    private func expectPartHead() throws(TestClientError) {
        try expect(Self.partHead)
        try expect("")
    }

    private func expect(_ line: String) throws(TestClientError) {
        let found = try takeLine()
        guard found == line else { throw .malformed("\"\(found)\" instead of \"\(line)\"") }
    }

    private func value(_ prefix: String, _ line: String) throws(TestClientError) -> String {
        guard line.hasPrefix(prefix) else { throw .malformed("\"\(line)\" instead of \(prefix)") }
        return String(line.dropFirst(prefix.count))
    }

    private func microseconds(_ text: String) throws(TestClientError) -> Int64 {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 6, let seconds = Int64(parts[0]), let micros = Int64(parts[1]),
            seconds > 1_600_000_000, micros >= 0
        else { throw .malformed("X-Timestamp \"\(text)\"") }
        return seconds * 1_000_000 + micros
    }
}

// The transfer coding: a chunk is read as a whole, and a unit must take up exactly one chunk.
extension StreamReader {
    private func beginUnit() throws(TestClientError) {
        guard isChunked else { return }
        let line = try client.readLine()
        guard let count = Int(line, radix: 16), count > 0, String(count, radix: 16) == line.lowercased() else {
            throw .malformed("chunk size \"\(line)\"")
        }
        chunk = try client.read(count)[...]
        let end = try client.readLine()
        guard end.isEmpty else { throw .malformed("\"\(end)\" behind a chunk") }
    }

    private func endUnit() throws(TestClientError) {
        guard chunk.isEmpty else { throw .malformed("in a part's chunk: \(TestClientError.excerpt(chunk))") }
    }

    private func expectEnd() throws(TestClientError) {
        let rest = try client.readToEnd()
        guard rest == (isChunked ? Array("0\r\n\r\n".utf8) : []) else {
            throw .malformed("behind the closing delimiter: \(TestClientError.excerpt(rest))")
        }
    }

    private func takeLine() throws(TestClientError) -> String {
        guard isChunked else { return try client.readLine() }
        let line = try take(upTo: [0x0D, 0x0A]).dropLast(2)
        guard !line.contains(0x0A) else { throw .malformed(TestClientError.excerpt(line)) }
        return String(decoding: line, as: UTF8.self)
    }

    private func take(_ count: Int) throws(TestClientError) -> [UInt8] {
        guard isChunked else { return try client.read(count) }
        guard count <= chunk.count else { throw .malformed("a part of \(count) bytes in a chunk of \(chunk.count)") }
        defer { chunk = chunk.dropFirst(count) }
        return Array(chunk.prefix(count))
    }

    private func take(upTo marker: [UInt8]) throws(TestClientError) -> [UInt8] {
        guard isChunked else { return try client.read(upTo: marker) }
        guard let start = Array(chunk).firstIndex(of: marker, from: 0) else {
            throw .malformed("no \(TestClientError.excerpt(marker)) in \(TestClientError.excerpt(chunk))")
        }
        return try take(start + marker.count)
    }
}
