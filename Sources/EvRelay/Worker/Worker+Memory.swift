// SPDX-License-Identifier: MIT
import Cameras
import LibEvent

// Shedding when memory is short: the connections that hold most for longest end first, whatever they were sent.
extension Worker {
    /// Ends connections that do not accept their pending bytes, until memory is back at its target.
    func shed() {
        server.shedAnswers()
        // Every loop sheds its share. If that is not enough, the next upload asks again.
        let excess = FrameMemory.bytesAboveTarget(relay.ledger) / relay.inboxes.count
        guard excess > 0 else { return }
        // A camera's latest frame stays in memory, even if no viewer waits for it.
        let latest = relay.hub.latestFrames.map { ObjectIdentifier($0.bytes) }
        server.shedFrames(excess, keeping: Set(latest))
    }
}
