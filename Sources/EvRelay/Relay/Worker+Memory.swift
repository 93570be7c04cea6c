// SPDX-License-Identifier: MIT
import LibEvent

// What a worker does when memory is short: whoever holds most for longest goes, whatever it was sent.
extension Worker {
    /// Ends connections that do not take what waits for them, until memory is back at its target.
    func shed() {
        server.shedAnswers()
        // Every loop takes its share; if that is not enough, the next upload asks again.
        let excess = FrameMemory.bytesAboveTarget(relay.ledger) / relay.inboxes.count
        guard excess > 0 else { return }
        // A camera's latest frame stays in memory whoever waits for it.
        let latest = relay.registry.latestFrames.map { ObjectIdentifier($0.bytes) }
        server.shedFrames(excess, keeping: Set(latest))
    }
}
