// SPDX-License-Identifier: MIT

/// The field lines of a request head, and the rules of RFC 9112 §3.2, §5 and §6 that decide where the request ends.
struct RequestFields {
    private(set) var fields: [RequestHead.Field] = []
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private var hasHost = false
    private var singles = SingleFields()

    /// Reads from `start`, the line after the request line, to the blank line, which must be the end of `head`.
    init(_ head: Span<UInt8>, from start: Int, maxFields: Int, minorVersion: Int) throws(RequestHeadError) {
        fields.reserveCapacity(min(maxFields, 16))
        var start = start
        while true {
            let end = try Self.lineEnd(head, from: start)
            if end == start { break }
            guard fields.count < maxFields else { throw .tooManyFields(limit: maxFields) }
            try add(head, start..<end)
            start = end + 2
        }
        guard start + 2 == head.count else { throw .badRequestLine }
        guard hasHost || minorVersion == 0 else { throw .badHost("is missing") }
        guard !isChunked || minorVersion >= 1 else { throw .badTransferEncoding("stands in an HTTP/1.0 request") }
        guard !isChunked || contentLength == nil else {
            throw .badTransferEncoding("stands beside Content-Length")
        }
    }

    private static func lineEnd(_ head: Span<UInt8>, from start: Int) throws(RequestHeadError) -> Int {
        var place = start
        while place < head.count {
            let byte = head[place]
            if byte <= ASCII.carriageReturn {
                if byte == ASCII.carriageReturn {
                    guard place + 1 < head.count, head[place + 1] == ASCII.lineFeed else { throw .badLineEnd }
                    return place
                }
                guard byte != ASCII.lineFeed, byte != 0 else { throw .badLineEnd }
            }
            place += 1
        }
        throw .badLineEnd
    }

    private mutating func add(_ head: Span<UInt8>, _ line: Range<Int>) throws(RequestHeadError) {
        let field: FieldLine
        do { field = try FieldLine(head, line) } catch {
            throw .badField(Self.describe(error, Self.name(head.extracting(line))))
        }
        fields.append(
            RequestHead.Field(
                nameStart: Int32(field.name.lowerBound), nameEnd: Int32(field.name.upperBound),
                valueStart: Int32(field.value.lowerBound), valueEnd: Int32(field.value.upperBound)))
        let name = head.extracting(field.name)
        let value = head.extracting(field.value)
        guard singles.take(name) else { throw .repeatedField(ASCII.excerpt(name)) }
        switch name.count {
        case 4 where ASCII.equal(name, caseless: "host"): try addHost(value)
        case 14 where ASCII.equal(name, caseless: "content-length"): try addContentLength(value)
        case 17 where ASCII.equal(name, caseless: "transfer-encoding"): try addTransferEncoding(value)
        default: break
        }
    }

    private mutating func addHost(_ value: Span<UInt8>) throws(RequestHeadError) {
        for index in value.indices where !ASCII.host.contains(value[index]) {
            throw .badHost("is \"\(ASCII.excerpt(value))\"")
        }
        // An empty Host is correct if the target has no authority (RFC 9112 section 3.2).
        guard value.count == 0 || ASCII.isHost(value) else { throw .badHost("is no host with a port in digits") }
        hasHost = true
    }

    private mutating func addContentLength(_ value: Span<UInt8>) throws(RequestHeadError) {
        guard let length = ASCII.decimal(value) else {
            throw .badContentLength("is \"\(ASCII.excerpt(value))\"")
        }
        contentLength = length
    }

    private mutating func addTransferEncoding(_ value: Span<UInt8>) throws(RequestHeadError) {
        guard !isChunked else { throw .badTransferEncoding("stands twice") }
        guard ASCII.equal(value, caseless: "chunked") else {
            throw .badTransferEncoding("is \"\(ASCII.excerpt(value))\"")
        }
        isChunked = true
    }

    /// Returns the text before the first colon or blank. The rest is not shown: the field may be Authorization.
    private static func name(_ line: Span<UInt8>) -> String {
        var end = 0
        while end < line.count, line[end] != ASCII.colon, !ASCII.isBlank(line[end]) { end += 1 }
        return ASCII.excerpt(line.extracting(first: end))
    }

    private static func describe(_ problem: FieldLine.Problem, _ name: String) -> String {
        switch problem {
        case .folded: "is folded over two lines, which is not accepted"
        case .noColon: "has no colon: \"\(name)\""
        case .emptyName: "has an empty name"
        case .blankBeforeColon: "has a blank before its colon: \"\(name)\""
        case .badName: "has a name with a character that is not allowed: \"\(name)\""
        case .badValue: "has a control character in its value: \"\(name)\""
        }
    }
}
