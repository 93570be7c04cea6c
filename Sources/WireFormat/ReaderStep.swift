// SPDX-License-Identifier: MIT

/// A request of an incremental reader to the shell that owns the buffer. The reader sees a window, the first contiguous
/// unread bytes. The shell performs the step and calls again with the bytes that are then unread. However the input is
/// cut, the same bytes are taken and the same parts completed.
public enum ReaderStep: Equatable, Sendable {
    /// Drop the next n bytes, 1 to the window's length: framing.
    case consume(Int)
    /// The next n bytes, 1 to the window's length, are payload: chunk data, or a part's body.
    case take(Int)
    /// The part whose bytes have been taken is whole (it may be empty). Only `MultipartReader` returns this.
    case partComplete
    /// Call again when the window holds at least n bytes, which is more than it holds now.
    case needMore(Int)
    /// The body ends here; the bytes after it do not belong to it. Every further step is the same.
    case end
}
