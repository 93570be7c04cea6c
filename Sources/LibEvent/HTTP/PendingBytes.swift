// SPDX-License-Identifier: MIT
import System

/// The memory that one connection holds until its peer takes the bytes.
///
/// Confined to one event loop; a part of its connection's output.
struct PendingBytes {
    /// Bytes copied for this peer alone.
    private(set) var copiedBytes = 0
    /// The newest block of which a part waits to be sent; nil if none does.
    private(set) var block: SharedBytes?
    /// The moment when the oldest pending byte was queued.
    private(set) var since = Instant.distantFuture

    /// Returns the weight for ending the connection, greatest first: copied bytes times nanoseconds of waiting.
    func weight(now: Instant) -> Double {
        Double(copiedBytes) * Double(max(1, (now - since).wholeNanoseconds))
    }

    /// Records bytes that were copied to the queue.
    mutating func hold(copiedBytes count: Int) {
        begin()
        copiedBytes += count
    }

    /// Records that the queue refers to `block`.
    mutating func hold(_ block: SharedBytes) {
        begin()
        self.block = block
    }

    private mutating func begin() {
        if since == .distantFuture { since = SystemClock.monotonic() }
    }
}
