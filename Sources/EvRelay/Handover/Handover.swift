// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System

/// Collects the viewers that leave this process for the next one.
///
/// Sendable: each loop adds its own viewers; the control loop takes them after the loops have ended.
final class Handover: Sendable {
    /// A viewer's socket, and the state of its stream.
    struct Viewer: Sendable {
        let socket: Descriptor
        let state: SavedState.SavedViewer
    }

    /// The most pending bytes that may be handed over, all viewers together; a little more if loops detach viewers at
    /// the same moment. A viewer that would exceed this is disconnected instead.
    static let maxPendingBytes = 16 << 20

    private struct Collected: Sendable {
        var viewers: [Viewer] = []
        var pendingBytes = 0
        var room = 0
        var placesTaken = 0
    }

    private let collected = Mutex(Collected())

    /// Begins the handover of at most `viewers` viewers, the number that the service manager keeps.
    func begin(room viewers: Int) { collected.withLock { $0.room = viewers } }

    /// True if viewers are to be handed over.
    var hasBegun: Bool { collected.withLock { $0.room > 0 } }

    /// Takes a place for a viewer, and returns the number of bytes it may have pending; nil if no place is left. Then
    /// `add` or `giveUpPlace` must follow.
    func takePlace() -> Int? {
        collected.withLock { collected in
            guard collected.placesTaken < collected.room else { return nil }
            collected.placesTaken += 1
            return max(0, Self.maxPendingBytes - collected.pendingBytes)
        }
    }

    /// Gives back the place of a viewer that cannot be handed over.
    func giveUpPlace() { collected.withLock { $0.placesTaken -= 1 } }

    /// Adds a viewer whose connection was detached, in the place that was taken for it.
    func add(_ viewer: Viewer) {
        collected.withLock {
            $0.viewers.append(viewer)
            $0.pendingBytes += viewer.state.pendingBytes.count
        }
    }

    /// Removes and returns all collected viewers.
    func take() -> [Viewer] {
        collected.withLock { collected in
            defer { collected.viewers = [] }
            return collected.viewers
        }
    }
}
