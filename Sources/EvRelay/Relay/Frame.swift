// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// One JPEG as every viewer will be sent it.
///
/// Sendable and immutable; lives until the last viewer has sent it and a newer one has replaced it.
final class Frame: Sendable {
    let camera: CameraID
    /// Grows by one from frame to frame of a camera, also across restarts.
    let sequence: Int64
    /// Wall-clock time of arrival, microseconds since 1970.
    let timestampMicroseconds: Int64
    /// True if the camera has sent no other frame in the same second since 1970: only then does that second tell whether
    /// somebody has this frame.
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

    /// Size of the JPEG alone.
    var jpegBytes: Int { layout.jpeg.count }
}
