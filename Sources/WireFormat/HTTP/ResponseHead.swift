// SPDX-License-Identifier: MIT

/// A response's status line and fields (RFC 9112 §4), for programs that are clients. The server does not use it, so a
/// mistake in it cannot hide one of the server's.
public struct ResponseHead: Equatable, Sendable {
    /// The status code, 100 to 599.
    public let status: Int
    /// 0 or 1, for HTTP/1.0 and HTTP/1.1.
    public let minorVersion: Int
    /// True if the body is in chunked transfer coding; Content-Length then has no meaning.
    public let isChunked: Bool
    /// The length of the body in bytes; nil if it is not given.
    public let contentLength: Int?

    /// The fields, names in lower case.
    private let fields: [Field]

    private struct Field: Equatable, Sendable {
        let name: String
        let value: String
    }

    /// Parses a whole head, as `RequestHeadScanner` finds it: from the status line to the blank line.
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

    /// Returns the first value of the field `name`, ignoring the name's case. Bytes that are not UTF-8 are replaced.
    public func field(_ name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name == name }?.value
    }

    /// The boundary parameter of Content-Type; nil if there is none.
    public var boundary: String? { field("content-type").flatMap { MediaType($0) }?["boundary"] }

    /// True if another response may follow on this connection (RFC 9112 §9.3).
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

    /// Returns the end of the line that begins at `start`, before its CRLF.
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

/// An error in a response's head.
public enum ResponseHeadError: Error, Equatable, Sendable {
    /// A first line that is not HTTP/1.x with a status; an excerpt of it.
    case badStatusLine(String)
    /// A line that does not end in CRLF, or no blank line at the end.
    case badLineEnd
    /// More fields than the limit.
    case tooManyFields(limit: Int)
    /// A malformed field line; an excerpt of it.
    case badField(String)
    /// A Content-Length or Transfer-Encoding that does not define the end of the body; its value.
    case badFraming(String)

    /// The problem.
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
