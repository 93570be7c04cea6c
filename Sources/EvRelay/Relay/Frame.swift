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
    let arrived: Instant
    let info: JPEG.Info
    let bytes: SharedBytes
    let layout: FrameLayout

    init(
        camera: CameraID, sequence: Int64, timestampMicroseconds: Int64, arrived: Instant, info: JPEG.Info,
        bytes: SharedBytes, layout: FrameLayout
    ) {
        self.camera = camera
        self.sequence = sequence
        self.timestampMicroseconds = timestampMicroseconds
        self.arrived = arrived
        self.info = info
        self.bytes = bytes
        self.layout = layout
    }

    /// Size of the JPEG alone.
    var jpegBytes: Int { layout.jpeg.count }
}
