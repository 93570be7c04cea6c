// SPDX-License-Identifier: MIT
import LibEvent

// What a worker does when frame memory is short.
extension Worker {
    /// Disconnects the viewers that pin the oldest frames until memory is back at its target.
    func shed() {
        var pinned: [(frame: Frame, viewer: Viewer)] = []
        for list in lists.values {
            for viewer in list.viewers {
                if let frame = viewer.pinnedFrame(latest: list.latest) { pinned.append((frame, viewer)) }
            }
        }
        pinned.sort { $0.frame.arrived < $1.frame.arrived }
        // Counted here and not read from the ledger: libevent frees what a closed connection held in a later turn. Every
        // loop takes its share; if that is not enough, the next upload asks again.
        var excess = FrameMemory.bytesAboveTarget(relay.ledger) / relay.inboxes.count
        var counted: Frame?
        for entry in pinned {
            if counted !== entry.frame {
                guard excess > 0 else { return }
                counted = entry.frame
                excess -= entry.frame.bytes.count
            }
            entry.viewer.connection.close(.frameMemory)
        }
    }
}
