// SPDX-License-Identifier: MIT

/// An error in a server's answer. Nothing more can be read from its connection.
public enum AnswerError: Error, Equatable, Sendable {
    /// The head cannot be parsed.
    case badHead(ResponseHeadError)
    /// The head is longer than this many bytes.
    case headTooLarge(limitBytes: Int)
    /// The body is longer than this many bytes.
    case bodyTooLarge(limitBytes: Int)
    /// The body's transfer coding is broken.
    case badBody(ChunkedError)
    /// The connection ended before the answer was complete.
    case endedEarly
}
