// SPDX-License-Identifier: MIT

/// What one connection keeps in memory until its peer takes it.
///
/// Confined to one event loop; a part of its connection.
struct PendingBytes {
    /// Bytes copied for this peer alone.
    fileprivate(set) var copiedBytes = 0
    /// The newest frame of which it waits for a part; nil if it waits for none.
    fileprivate(set) var block: SharedBytes?
    /// When the oldest of this was queued.
    fileprivate(set) var since = Instant.distantFuture

    /// What is worth ending the connection for, the larger the sooner: bytes times nanoseconds.
    func weight(now: Instant) -> Double {
        Double(copiedBytes) * Double(max(1, (now - since).wholeNanoseconds))
    }
}

extension GateConnection {
    /// Counts bytes that were copied to the output. What is too much ends in the loop's next turn, since whoever writes
    /// does not expect its connection to be gone.
    func hold(copiedBytes count: Int) {
        begin()
        pending.copiedBytes += count
        gate.answers.add(count)
        if pending.copiedBytes > gate.answers.maxBytesPerConnection { endNextTurn(.answerMemory) }
        if gate.answers.isExceeded { gate.handler?.answersFull() }
    }

    /// Notes that the output refers to `block`.
    func hold(_ block: SharedBytes) {
        begin()
        pending.block = block
    }

    private func begin() {
        if pending.since == .distantFuture { pending.since = SystemClock.monotonic() }
        outputWasQueued()
    }

    /// Takes back what was counted: it is with the kernel, or nobody wants it any more.
    func releasePending() {
        guard pending.since != .distantFuture else { return }
        gate.answers.release(pending.copiedBytes)
        pending = PendingBytes()
    }
}
