// SPDX-License-Identifier: MIT
public import WireFormat

/// Something that has happened to a camera, for the log, for metrics and for sources that send on demand.
///
/// The hub tells observers under no lock. Of two events at the same moment an observer may see the later one first.
public enum CameraEvent: Sendable, Equatable {
    /// The first frame of a period of sending has arrived, of `bytes` bytes.
    case live(CameraID, JPEG.Info, bytes: Int)
    /// No frame has come for the stale age.
    case stale(CameraID)
    /// No frame has come for the offline age. The period of sending has ended.
    case offline(CameraID, Camera.Session)
    /// The camera is listed no longer.
    case forgotten(CameraID)
    /// Another publisher has the camera now; `by` says where it sends from.
    case takenOver(CameraID, by: String)
    /// For the first time a frame had bytes after its JPEG, so many.
    case trailingBytes(CameraID, Int)
    /// The first viewer, or waiting snapshot, of the camera has come.
    case watched(CameraID)
    /// The last viewer, or waiting snapshot, of the camera has gone.
    case unwatched(CameraID)
}
