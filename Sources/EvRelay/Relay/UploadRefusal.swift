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
}
