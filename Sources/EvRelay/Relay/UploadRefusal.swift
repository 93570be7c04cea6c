// SPDX-License-Identifier: MIT
import WireFormat

/// Why a frame was not taken. Nothing that viewers see has changed.
enum UploadRefusal: Error, Equatable, Sendable {
    /// The bytes are not one whole JPEG of a kind that is relayed.
    case notAJPEG(JPEGError)
    /// The stream's own delimiter occurs in the frame: browsers would split it there.
    case delimiterInFrame(StreamBoundary)
    /// A new camera would be one too many.
    case camerasFull(limit: Int)
    /// No memory is left for the frame.
    case frameMemoryFull(limitBytes: Int)
    /// X-Publisher-ID is none.
    case badPublisherID
    /// Another publisher has taken the camera over.
    case takenOver
    /// The camera has a publisher, who would have been silent for long enough after so many seconds.
    case taken(retryAfterSeconds: Int)

    /// Nil if the publisher has the camera.
    init?(_ decision: PublisherLease.Decision) {
        switch decision {
        case .granted: return nil
        case .takenOver: self = .takenOver
        case .taken(let seconds): self = .taken(retryAfterSeconds: seconds)
        }
    }

    /// True if a later frame of the same publisher may fare better at once.
    var isOfOneFrame: Bool {
        switch self {
        case .notAJPEG, .delimiterInFrame, .frameMemoryFull: true
        case .camerasFull, .badPublisherID, .takenOver, .taken: false
        }
    }

    /// The answer that says so.
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
