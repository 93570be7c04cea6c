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
        }
    }
}
