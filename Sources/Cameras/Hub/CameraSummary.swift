// SPDX-License-Identifier: MIT

/// A camera at one moment.
public struct CameraSummary: Sendable {
    /// The latest frame.
    public let frame: Frame
    /// The state from now on.
    public let state: CameraState
    /// The age of the latest frame.
    public let age: Duration
    /// Frames a second, as `RateMeter` measures them.
    public let framesPerSecond: Double
    /// JPEG bytes a second, as `RateMeter` measures them.
    public let bytesPerSecond: Double
    /// Viewers on all loops.
    public let viewers: Int
}
