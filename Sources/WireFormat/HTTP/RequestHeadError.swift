// SPDX-License-Identifier: MIT

/// An error in a request head, which is refused. The connection cannot be read any further.
public enum RequestHeadError: Error, Sendable, Equatable {
    /// More bytes than the limit, or no end of the head within them.
    case headTooLarge(limitBytes: Int)
    /// More fields than the limit.
    case tooManyFields(limit: Int)
    /// A line feed without carriage return, a carriage return without line feed, or a NUL.
    case badLineEnd
    /// A request line that is not method, blank, target, blank, version.
    case badRequestLine
    /// A target that is not a path, with the reason.
    case badTarget(String)
    /// A version of HTTP other than 1.0 and 1.1.
    case unsupportedVersion(String)
    /// A field line that is malformed, with the reason.
    case badField(String)
    /// A second field of a name that may occur once.
    case repeatedField(String)
    /// No Host in HTTP/1.1, or a value that is no host.
    case badHost(String)
    /// A Content-Length that is not one number of bytes.
    case badContentLength(String)
    /// A Transfer-Encoding other than `chunked`, or one where none is allowed.
    case badTransferEncoding(String)

    /// The problem, the value, and what would be accepted.
    public var message: String {
        switch self {
        case .headTooLarge(let limit):
            "The request head is too large; at most \(limit) bytes are accepted."
        case .tooManyFields(let limit):
            "The request has too many header fields; at most \(limit) are accepted."
        case .badLineEnd:
            "A line of the request head does not end in CRLF, or holds a NUL; lines must end in CRLF."
        case .badRequestLine:
            "The request line is malformed; a method, a target and HTTP/1.1 with single blanks between are expected."
        case .badTarget(let problem):
            "The request target \(problem)."
        case .unsupportedVersion(let version):
            "The version \(version) is not supported; HTTP/1.1 and HTTP/1.0 are."
        case .badField(let problem):
            "A header field \(problem)."
        case .repeatedField(let name):
            "The header field \(name) stands twice; it may occur once."
        case .badHost(let problem):
            "The Host header \(problem); exactly one with the server's name is expected."
        case .badContentLength(let problem):
            "The Content-Length header \(problem); one decimal number of bytes is expected."
        case .badTransferEncoding(let problem):
            "The Transfer-Encoding header \(problem); only \"chunked\" in HTTP/1.1 is accepted."
        }
    }
}
