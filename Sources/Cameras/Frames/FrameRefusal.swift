// SPDX-License-Identifier: MIT
public import WireFormat

/// The reason for which a frame was refused. Nothing that viewers see has changed.
public enum FrameRefusal: Error, Equatable, Sendable {
    /// The bytes are not one whole JPEG of a kind that is relayed.
    case notAJPEG(JPEGError)
    /// The frame contains the stream's own delimiter, at which browsers would split it.
    case delimiterInFrame(StreamBoundary)
    /// A new camera would exceed the limit of cameras.
    case camerasFull(limit: Int)
    /// No memory is left for the frame.
    case frameMemoryFull(limitBytes: Int)
    /// Another publisher has taken the camera over.
    case takenOver
    /// The camera belongs to another publisher. It is free after so many seconds without a frame.
    case taken(retryAfterSeconds: Int)

    /// True if a later frame of the same publisher may be accepted at once.
    public var isOfOneFrame: Bool {
        switch self {
        case .notAJPEG, .delimiterInFrame, .frameMemoryFull: true
        case .camerasFull, .takenOver, .taken: false
        }
    }
}
