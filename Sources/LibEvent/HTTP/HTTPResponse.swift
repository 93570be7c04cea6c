// SPDX-License-Identifier: MIT

/// A complete answer, or the head of a stream.
public struct HTTPResponse: Sendable {
    /// The part of an answer after its head.
    public enum Body: Sendable {
        /// Nothing, and no Content-Length: 204, 304, or the head of a stream.
        case none
        /// Bytes made for this answer.
        case bytes([UInt8])
        /// A range of a block that other connections send from too. It is not copied.
        case shared(SharedBytes, Range<Int>)

        /// Length in bytes.
        public var count: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes): bytes.count
            case .shared(_, let range): range.count
            }
        }
    }

    /// Status code, 200 to 599.
    public var status: Int
    /// Names and values in the order in which they are sent. Values come from the program or were checked by
    /// RequestHead, so they hold no line breaks.
    public var headers: [(name: String, value: String)]
    /// The part after the head.
    public var body: Body

    /// Creates an answer, without a body unless one is given.
    public init(_ status: Int, headers: [(name: String, value: String)] = [], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The name of `status` in RFC 9110 section 15, for the codes that this server uses.
    public var reasonPhrase: String {
        switch status {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 204: "No Content"
        case 302: "Found"
        case 304: "Not Modified"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status \(status)"
        }
    }

    /// True if the answer states its length.
    var hasLength: Bool {
        if case .none = body { return false }
        return true
    }

    /// Returns the head as bytes.
    /// - Parameters:
    ///   - minorVersion: the HTTP minor version of the request, so that an HTTP/1.0 client is answered in its own
    ///     version.
    ///   - connection: the value of the Connection field.
    ///   - date: the value of the Date field.
    func serializedHead(minorVersion: Int, connection: String, date: String) -> [UInt8] {
        var head: [UInt8] = []
        head.reserveCapacity(512)
        head.append(contentsOf: "HTTP/1.\(minorVersion) \(status) ".utf8)
        head.append(contentsOf: reasonPhrase.utf8)
        for (name, value) in headers { Self.append(name, value, to: &head) }
        if hasLength { Self.append("Content-Length", "\(body.count)", to: &head) }
        Self.append("Date", date, to: &head)
        Self.append("Connection", connection, to: &head)
        head.append(contentsOf: "\r\n\r\n".utf8)
        return head
    }

    private static func append(_ name: String, _ value: String, to head: inout [UInt8]) {
        head.append(contentsOf: "\r\n".utf8)
        head.append(contentsOf: name.utf8)
        head.append(contentsOf: ": ".utf8)
        head.append(contentsOf: value.utf8)
    }
}
