// SPDX-License-Identifier: MIT

/// An error in a multipart body of JPEGs, as a streaming upload has it.
public enum MultipartError: Error, Sendable, Equatable {
    /// A boundary that is not 1 to 70 characters of those that RFC 2046 §5.1.1 allows, or of a few that cameras use.
    case badBoundary(String)
    /// No boundary in Content-Type, and none after `--` at the beginning of the body.
    case noBoundary
    /// More bytes than the limit before the first delimiter, or in empty lines between parts.
    case preambleTooLong(limit: Int)
    /// Something other than a delimiter after a part.
    case badDelimiter
    /// A line in a part's head that is no field, or that does not end in CRLF.
    case badPartHead(String)
    /// A part's head longer than the limit in bytes.
    case partHeadTooLarge(limit: Int)
    /// A part that is not `image/jpeg`.
    case unsupportedPartType(String)
    /// A Content-Encoding, or a Content-Transfer-Encoding that changes bytes.
    case unsupportedPartEncoding(String)
    /// A Content-Length that is not a number, or a second one.
    case badPartLength(String)
    /// A part longer than the limit in bytes.
    case partTooLarge(limit: Int)

    /// The problem, the value, and what would be accepted.
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
