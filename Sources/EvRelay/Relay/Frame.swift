// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// One JPEG in the form that every viewer is sent.
///
/// Sendable and immutable. Lives until a newer frame has replaced it and the last viewer has been sent it.
final class Frame: Sendable {
    let camera: CameraID
    /// The frame's number. Grows by one with each frame of a camera; a restart continues above the last number.
    let sequence: Int64
    /// Wall-clock time of arrival, microseconds since 1970.
    let timestampMicroseconds: Int64
    /// True if no earlier frame of the camera arrived in the same second since 1970. Only then does that second tell
    /// whether a client has this frame.
    let isFirstOfSecond: Bool
    let arrived: Instant
    let info: JPEG.Info
    let bytes: SharedBytes
    let layout: FrameLayout

    init(
        _ frame: CheckedFrame, camera: CameraID, sequence: Int64, timestampMicroseconds: Int64, arrived: Instant,
        isFirstOfSecond: Bool = false
    ) {
        self.camera = camera
        self.sequence = sequence
        self.timestampMicroseconds = timestampMicroseconds
        self.arrived = arrived
        self.isFirstOfSecond = isFirstOfSecond
        info = frame.info
        bytes = frame.bytes
        layout = frame.layout
    }

    /// The size of the JPEG alone, in bytes.
    var jpegBytes: Int { layout.jpeg.count }
}
