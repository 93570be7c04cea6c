// SPDX-License-Identifier: MIT
import WireFormat

/// The reason for which a streaming upload cannot continue.
enum UploadStreamError: Error, Equatable, Sendable {
    case chunked(ChunkedError)
    case multipart(MultipartError)
    case refused(UploadRefusal)

    /// The answer that reports this error.
    var answer: ErrorAnswer {
        switch self {
        case .chunked(let error): ErrorAnswer(400, "bad-request", error.message)
        case .multipart(let error): error.answer
        case .refused(let refusal): refusal.answer
        }
    }
}

extension MultipartError {
    /// The answer that reports this error.
    var answer: ErrorAnswer {
        switch self {
        case .partTooLarge: ErrorAnswer(413, "frame-too-large", message)
        case .unsupportedPartType: ErrorAnswer(415, "unsupported-type", message)
        case .unsupportedPartEncoding: ErrorAnswer(415, "unsupported-encoding", message)
        case .badBoundary, .noBoundary, .preambleTooLong, .badDelimiter, .badPartHead, .partHeadTooLarge,
            .badPartLength:
            ErrorAnswer(400, "bad-multipart", message)
        }
    }
}
