// SPDX-License-Identifier: MIT
public import LibEvent
public import System
public import WireFormat

/// One JPEG in the form that every viewer is sent.
///
/// Sendable and immutable. Lives until a newer frame has replaced it and the last viewer has been sent it.
public final class Frame: Sendable {
    /// The camera that has sent the frame.
    public let camera: CameraID
    /// The frame's number. Grows by one with each frame of a camera; a restart continues above the last number.
    public let sequence: Int64
    /// Wall-clock time of arrival, microseconds since 1970.
    public let timestampMicroseconds: Int64
    /// True if no earlier frame of the camera arrived in the same second since 1970. Only then does that second tell
    /// whether a client has this frame.
    public let isFirstOfSecond: Bool
    /// The time at which the last byte arrived.
    public let arrived: Instant
    /// The size of the picture in pixels, and its kind.
    public let info: JPEG.Info
    /// The block of the JPEG with everything around it in a stream.
    public let bytes: SharedBytes
    /// The places of the JPEG and of the parts in the block.
    public let layout: FrameLayout

    /// Creates a frame of a camera.
    public init(
        _ frame: FinishedFrame, camera: CameraID, sequence: Int64, timestampMicroseconds: Int64, arrived: Instant,
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
    public var jpegBytes: Int { layout.jpeg.count }
}
