// SPDX-License-Identifier: MIT
import System

/// The memory that one connection holds until its peer takes the bytes.
///
/// Confined to one event loop; a part of its connection.
struct PendingBytes {
    /// Bytes copied for this peer alone.
    fileprivate(set) var copiedBytes = 0
    /// The newest block of which a part waits to be sent; nil if none does.
    fileprivate(set) var block: SharedBytes?
    /// The moment when the oldest pending byte was queued.
    fileprivate(set) var since = Instant.distantFuture

    /// Returns the weight for ending the connection, greatest first: copied bytes times nanoseconds of waiting.
    func weight(now: Instant) -> Double {
        Double(copiedBytes) * Double(max(1, (now - since).wholeNanoseconds))
    }
}

extension GateConnection {
    /// Counts bytes that were copied to the output. A connection above its limit ends in the loop's next turn, since
    /// the caller does not expect it to end during the call.
    func hold(copiedBytes count: Int) {
        begin()
        pending.copiedBytes += count
        gate.answers.add(count)
        if pending.copiedBytes > gate.answers.maxBytesPerConnection { endNextTurn(.answerMemory) }
        if gate.answers.isExceeded { gate.handler?.answersFull() }
    }

    /// Records that the output refers to `block`.
    func hold(_ block: SharedBytes) {
        begin()
        pending.block = block
    }

    private func begin() {
        if pending.since == .distantFuture { pending.since = SystemClock.monotonic() }
        outputWasQueued()
    }

    /// Stops counting the pending bytes: they are with the kernel, or are dropped.
    func releasePending() {
        guard pending.since != .distantFuture else { return }
        gate.answers.release(pending.copiedBytes)
        pending = PendingBytes()
    }
}
