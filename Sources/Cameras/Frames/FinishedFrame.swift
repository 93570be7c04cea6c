// SPDX-License-Identifier: MIT
public import LibEvent
public import WireFormat

/// A whole, checked frame that may become a camera's latest.
public struct FinishedFrame: Sendable {
    /// The block of the JPEG with everything around it in a stream.
    public let bytes: SharedBytes
    /// The places of the JPEG and of the parts in the block.
    public let layout: FrameLayout
    /// The size of the picture in pixels, and its kind.
    public let info: JPEG.Info
    /// The number of bytes after the JPEG, which were cut off.
    public let trailingBytes: Int

    /// Creates a finished frame.
    public init(bytes: SharedBytes, layout: FrameLayout, info: JPEG.Info, trailingBytes: Int) {
        self.bytes = bytes
        self.layout = layout
        self.info = info
        self.trailingBytes = trailingBytes
    }
}
