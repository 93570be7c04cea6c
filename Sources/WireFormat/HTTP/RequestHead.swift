// SPDX-License-Identifier: MIT

/// A whole, checked head of an HTTP/1.x request (RFC 9112). A head that can be read in two ways is refused, not
/// guessed, so that no proxy in front sees another request than this one.
///
/// Holds one copy of the bytes. Names and values are compared in place and become Strings on access only.
public struct RequestHead: Sendable {
    /// The offsets of a field in `bytes`. Heads are far below 2 GiB.
    struct Field: Sendable {
        let nameStart, nameEnd, valueStart, valueEnd: Int32

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// The method; `other` if it is none that EvRelay knows.
    public let method: Method
    /// The target's path, percent-decoded; `*` for the asterisk form.
    public let path: String
    /// The target's query.
    public let query: Query
    /// 0 or 1, for HTTP/1.0 and HTTP/1.1.
    public let minorVersion: Int
    /// Content-Length in bytes, nil if there is none.
    public let contentLength: Int?
    /// True if the body is in chunked transfer coding; then there is no Content-Length.
    public let isChunked: Bool

    private let bytes: [UInt8]
    private let methodEnd: Int
    private let target: Range<Int>
    private let fields: [Field]

    /// Parses a head as `RequestHeadScanner` finds it: from the request line to the blank line.
    ///
    /// - Parameters:
    ///   - bytes: the head and nothing else.
    ///   - maxFields: the most header fields.
    public static func parse(_ bytes: Span<UInt8>, maxFields: Int) throws(RequestHeadError) -> RequestHead {
        try RequestHead(bytes, maxFields: maxFields)
    }

    private init(_ head: Span<UInt8>, maxFields: Int) throws(RequestHeadError) {
        guard head.count < Int(Int32.max) else { throw .headTooLarge(limitBytes: Int(Int32.max)) }
        let line = try RequestLine(head)
        let fields = try RequestFields(head, from: line.next, maxFields: maxFields, minorVersion: line.minorVersion)
        let bytes = [UInt8](capacity: head.count) { copy in for index in head.indices { copy.append(head[index]) } }
        let target = try RequestTarget(head, line.target, method: line.method)
        method = line.method
        methodEnd = line.methodEnd
        minorVersion = line.minorVersion
        self.target = target.pathAndQuery
        path = target.path
        query = Query(bytes, target.query)
        contentLength = fields.contentLength
        isChunked = fields.isChunked
        self.fields = fields.fields
        self.bytes = bytes
    }

    /// The method as it was sent.
    public var methodName: String { text(0..<methodEnd) }

    /// The target's path and query as sent, percent-encoded: printable ASCII that begins with a slash, or `*`.
    public var pathAndQuery: String {
        let text = text(target)
        return text.isEmpty || text.hasPrefix("?") ? "/" + text : text
    }

    /// True if a body follows the head.
    public var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    /// True if another request may follow on this connection (RFC 9112 §9.3).
    public var isKeepAlive: Bool {
        if fieldContains("connection", token: "close") { return false }
        return minorVersion >= 1 || fieldContains("connection", token: "keep-alive")
    }

    /// True if the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1). Never in HTTP/1.0.
    public var expectsContinue: Bool {
        guard minorVersion >= 1, let value = value("expect") else { return false }
        return ASCII.equal(bytes.span.extracting(value), caseless: "100-continue")
    }

    /// The value of Expect if it is not `100-continue`, the one expectation known here; nil otherwise.
    public var unknownExpectation: String? { expectsContinue ? nil : field("expect") }

    /// The number of fields.
    public var fieldCount: Int { fields.count }

    /// Returns the first value of the field `name` without the blanks around it; nil if there is none. Bytes that are
    /// not UTF-8 are replaced.
    public func field(_ name: String) -> String? { value(name).map(text) }

    /// Returns true if there is a field `name`.
    public func has(_ name: String) -> Bool { value(name) != nil }

    /// Returns true if the comma-separated list of any field `name` contains `token`, ignoring case.
    public func fieldContains(_ name: String, token: String) -> Bool {
        let token = token.lowercased()
        return list(name).contains { $0.lowercased() == token }
    }

    /// Returns the elements of the comma-separated lists of all fields `name`, in their order (RFC 9110 section 5.3).
    /// Bytes that are not UTF-8 are replaced.
    public func list(_ name: String) -> [String] {
        let span = bytes.span
        var elements: [String] = []
        for field in fields where ASCII.equal(span.extracting(field.name), caseless: name) {
            var start = field.value.lowerBound
            while start <= field.value.upperBound {
                var end = start
                while end < field.value.upperBound, bytes[end] != ASCII.comma { end += 1 }
                let element = ASCII.trimmed(span, start..<end)
                if !element.isEmpty { elements.append(text(element)) }
                start = end + 1
            }
        }
        return elements
    }

    private func value(_ name: String) -> Range<Int>? {
        for field in fields where ASCII.equal(bytes.span.extracting(field.name), caseless: name) {
            return field.value
        }
        return nil
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
