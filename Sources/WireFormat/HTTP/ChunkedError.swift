// SPDX-License-Identifier: MIT

/// An error in the chunked transfer coding of a body (RFC 9112 §7.1). The connection cannot be read any further.
public enum ChunkedError: Error, Sendable, Equatable {
    /// A size line that is not 1 to 8 hexadecimal digits, an optional extension, and CRLF.
    case badSizeLine
    /// A size line longer than the limit in bytes.
    case sizeLineTooLong(limit: Int)
    /// No CRLF after a chunk's data.
    case badChunkEnd
    /// A trailer line with a bare line feed, a bare carriage return or a NUL.
    case badTrailer
    /// Trailers longer than the limit in bytes.
    case trailerTooLong(limit: Int)

    /// The problem, and what would be accepted.
    public var message: String {
        switch self {
        case .badSizeLine:
            "A chunk's size line is malformed; 1 to 8 hexadecimal digits and CRLF are expected."
        case .sizeLineTooLong(let limit):
            "A chunk's size line is too long; at most \(limit) bytes are accepted."
        case .badChunkEnd:
            "A chunk's data is not followed by CRLF; the chunk's size may be wrong."
        case .badTrailer:
            "A trailer line is malformed; lines that end in CRLF are expected."
        case .trailerTooLong(let limit):
            "The trailers are too long; at most \(limit) bytes are accepted."
        }
    }
}
