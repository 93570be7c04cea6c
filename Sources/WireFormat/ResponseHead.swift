// SPDX-License-Identifier: MIT

/// A response's status line and fields (RFC 9112 §4), for programs that are clients. The server has no use for it, so a
/// mistake in it cannot hide one of the server's.
public struct ResponseHead: Equatable, Sendable {
    /// 100 to 599.
    public let status: Int
    /// 0 or 1, for HTTP/1.0 and HTTP/1.1.
    public let minorVersion: Int
    /// The body is in chunked transfer coding; Content-Length then means nothing.
    public let isChunked: Bool
    /// The length of the body in bytes, where it is given.
    public let contentLength: Int?

    /// Names in lower case.
    private let fields: [Field]

    private struct Field: Equatable, Sendable {
        let name: String
        let value: String
    }

    /// Reads a whole head, as `RequestHeadScanner` finds it: from the status line to the blank line.
    ///
    /// - Parameter maxFields: the most fields.
    public static func parse(_ head: Span<UInt8>, maxFields: Int) throws(ResponseHeadError) -> ResponseHead {
        try ResponseHead(head, maxFields: maxFields)
    }

    private init(_ head: Span<UInt8>, maxFields: Int) throws(ResponseHeadError) {
        var start = try Self.lineEnd(head, from: 0)
        (status, minorVersion) = try Self.statusLine(head.extracting(first: start))
        start += 2
        var fields: [Field] = []
        var end = try Self.lineEnd(head, from: start)
        while end > start {
            guard fields.count < maxFields else { throw .tooManyFields(limit: maxFields) }
            let line: FieldLine
            do { line = try FieldLine(head, start..<end) } catch {
                throw .badField(ASCII.excerpt(head.extracting(start..<end)))
            }
            fields.append(
                Field(name: Self.text(head, line.name).lowercased(), value: Self.text(head, line.value)))
            start = end + 2
            end = try Self.lineEnd(head, from: start)
        }
        let codings = fields.filter { $0.name == "transfer-encoding" }.map { $0.value.lowercased() }
        guard codings.isEmpty || codings == ["chunked"] else { throw .badFraming(codings.joined(separator: ", ")) }
        isChunked = !codings.isEmpty
        let lengths = Set(fields.filter { $0.name == "content-length" }.map(\.value))
        guard lengths.count <= 1 else { throw .badFraming(lengths.sorted().joined(separator: ", ")) }
        contentLength = try lengths.first.map { (value) throws(ResponseHeadError) in
            guard let length = ASCII.decimal(value.utf8.span) else { throw .badFraming(value) }
            return length
        }
        self.fields = fields
    }

    /// The first value of the field `name`, whatever the case of the letters; bytes that are not UTF-8 are replaced.
    public func field(_ name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name == name }?.value
    }

    /// The boundary parameter of Content-Type.
    public var boundary: String? { field("content-type").flatMap { MediaType($0) }?["boundary"] }

    /// Another response may follow on this connection (RFC 9112 §9.3).
    public var isKeepAlive: Bool {
        let options = (field("connection") ?? "").lowercased().split(separator: ",").map { $0.filter { $0 != " " } }
        if options.contains("close") { return false }
        return minorVersion >= 1 || options.contains("keep-alive")
    }

    private static func statusLine(
        _ line: Span<UInt8>
    ) throws(ResponseHeadError) -> (status: Int, minorVersion: Int) {
        guard line.count >= 12, ByteSearch.has("HTTP/1.".utf8.span, at: 0, in: line),
            line[7] == 0x30 || line[7] == 0x31,
            line[8] == ASCII.space, line.count == 12 || line[12] == ASCII.space,
            let status = ASCII.decimal(line.extracting(9..<12)), (100..<600).contains(status)
        else { throw .badStatusLine(ASCII.excerpt(line)) }
        return (status, Int(line[7] - 0x30))
    }

    /// Where the line that begins at `start` ends, before its CRLF.
    private static func lineEnd(_ head: Span<UInt8>, from start: Int) throws(ResponseHeadError) -> Int {
        guard let feed = ByteSearch.first(ASCII.lineFeed, in: head, from: start), feed > start,
            head[feed - 1] == ASCII.carriageReturn
        else { throw .badLineEnd }
        return feed - 1
    }

    private static func text(_ head: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { head[$0] }, as: UTF8.self)
    }
}

/// Why a response's head cannot be understood.
public enum ResponseHeadError: Error, Equatable, Sendable {
    /// The first line is not HTTP/1.x with a status; an excerpt of it.
    case badStatusLine(String)
    /// A line that does not end in CRLF, or no blank line at the end.
    case badLineEnd
    /// More fields than the limit.
    case tooManyFields(limit: Int)
    /// A malformed field line; an excerpt of it.
    case badField(String)
    /// A Content-Length or Transfer-Encoding that does not say where the body ends; its value.
    case badFraming(String)

    /// What is wrong.
    public var message: String {
        switch self {
        case .badStatusLine(let line): "The answer does not begin like HTTP/1.1: \"\(line)\"."
        case .badLineEnd: "A line of the answer's head does not end in CRLF."
        case .tooManyFields(let limit): "The answer has more than \(limit) fields."
        case .badField(let line): "A field of the answer is malformed: \"\(line)\"."
        case .badFraming(let value): "The answer does not say where its body ends: \"\(value)\"."
        }
    }
}
