// SPDX-License-Identifier: MIT

/// Why a body is not a row of JPEG parts as a streaming upload has them.
public enum MultipartError: Error, Sendable, Equatable {
    /// The boundary is not 1 to 70 characters of those that RFC 2046 §5.1.1 allows.
    case badBoundary(String)
    /// No boundary is known and the body does not begin with `--` and one.
    case noBoundary
    /// More bytes than the limit before the first delimiter, or empty lines between parts.
    case preambleTooLong(limit: Int)
    /// Something other than a delimiter behind a part.
    case badDelimiter
    /// A line in a part's head that is no field, or does not end in CRLF.
    case badPartHead(String)
    /// A part's head of more than the limit in bytes.
    case partHeadTooLarge(limit: Int)
    /// A part that is not `image/jpeg`.
    case unsupportedPartType(String)
    /// A Content-Encoding, or a Content-Transfer-Encoding that changes bytes.
    case unsupportedPartEncoding(String)
    /// A Content-Length that is not a number, or a second one.
    case badPartLength(String)
    /// A part of more than the limit in bytes.
    case partTooLarge(limit: Int)

    /// What is wrong, with what value, and what would be accepted.
    public var message: String {
        switch self {
        case .badBoundary(let boundary):
            "The boundary \"\(boundary)\" is not valid; 1 to 70 letters, digits and '()+_,-./:=? are accepted."
        case .noBoundary:
            "The body does not begin with a delimiter (--boundary), and Content-Type names no boundary."
        case .preambleTooLong(let limit):
            "No delimiter was found in \(limit) bytes; each part must begin with --boundary on a line of its own."
        case .badDelimiter:
            "Behind a part something other than the delimiter was found; the part's Content-Length may be wrong."
        case .badPartHead(let line):
            "A part's head has a malformed line: \"\(line)\"; name, colon, value and CRLF are expected."
        case .partHeadTooLarge(let limit):
            "A part's head is too large; at most \(limit) bytes are accepted."
        case .unsupportedPartType(let type):
            "A part has the type \"\(type)\"; image/jpeg is accepted."
        case .unsupportedPartEncoding(let encoding):
            "A part has the encoding \"\(encoding)\"; parts are accepted as plain binary."
        case .badPartLength(let value):
            "A part's Content-Length \"\(value)\" is not valid; one number of bytes is expected."
        case .partTooLarge(let limit):
            "A part is too large; at most \(limit) bytes are accepted."
        }
    }
}
