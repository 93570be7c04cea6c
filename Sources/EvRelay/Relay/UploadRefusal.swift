// SPDX-License-Identifier: MIT
import WireFormat

/// The reason for which a frame was refused. Nothing that viewers see has changed.
enum UploadRefusal: Error, Equatable, Sendable {
    /// The bytes are not one whole JPEG of a kind that is relayed.
    case notAJPEG(JPEGError)
    /// The frame contains the stream's own delimiter, at which browsers would split it.
    case delimiterInFrame(StreamBoundary)
    /// A new camera would exceed the limit of cameras.
    case camerasFull(limit: Int)
    /// No memory is left for the frame.
    case frameMemoryFull(limitBytes: Int)
    /// The value of X-Publisher-ID is not valid.
    case badPublisherID
    /// Another publisher has taken the camera over.
    case takenOver
    /// The camera belongs to another publisher. It is free after so many seconds without a frame.
    case taken(retryAfterSeconds: Int)

    /// Creates the refusal for a lease's decision; nil if the camera is granted to the publisher.
    init?(_ decision: PublisherLease.Decision) {
        switch decision {
        case .granted: return nil
        case .takenOver: self = .takenOver
        case .taken(let seconds): self = .taken(retryAfterSeconds: seconds)
        }
    }

    /// True if a later frame of the same publisher may be accepted at once.
    var isOfOneFrame: Bool {
        switch self {
        case .notAJPEG, .delimiterInFrame, .frameMemoryFull: true
        case .camerasFull, .badPublisherID, .takenOver, .taken: false
        }
    }

    /// The answer that reports this refusal.
    var answer: ErrorAnswer {
        switch self {
        case .notAJPEG(let error): ErrorAnswer(422, "not-a-jpeg", error.message)
        case .delimiterInFrame(let boundary):
            ErrorAnswer(
                422, "delimiter-in-frame",
                "The frame contains --\(boundary.token), which separates the parts of a stream; remove the comment or "
                    + "metadata that holds it.")
        case .camerasFull(let limit):
            ErrorAnswer(
                503, "cameras-full",
                "There are \(limit) cameras already (--max-cameras); an unused one is forgotten after --forget-after.")
        case .frameMemoryFull(let limitBytes):
            ErrorAnswer(
                503, "frame-memory-full",
                "All \(limitBytes) bytes for frames are in use (--frame-memory). Try again in a moment.")
        case .badPublisherID:
            ErrorAnswer(400, "bad-publisher-id", "X-Publisher-ID cannot be used; accepted: 8 to 64 of A-Z a-z 0-9 _ -.")
        case .takenOver:
            ErrorAnswer(
                409, "camera-taken-over",
                "Another publisher has taken this camera over; it is free again when that one has stopped.")
        case .taken(let seconds):
            ErrorAnswer(
                409, "camera-taken", "Another publisher sends to this camera (--takeover refuse). Try again later.",
                retryAfterSeconds: seconds)
        }
    }
}
