// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import LibEvent
import Logging
import System
import WireFormat

/// The descriptors that systemd passes at the start: sockets to accept from, and those that the previous process has
/// left in the service's descriptor store.
struct DescriptorStore {
    /// Sockets to accept from.
    let sockets: [PassedDescriptors.Entry]
    private let viewers: [Descriptor]
    private let states: [Descriptor]

    private static let viewerName = "evrelay-viewer"
    private static let stateName = "evrelay-state"
    /// The most bytes of the cameras' latest frames that are left to the next process; the newest frames go first.
    private static let maxFrameBytes = 64 << 20
    /// The largest accepted state, in bytes: frames, pending bytes, and the rest, which is small.
    private static let maxStateBytes = 128 << 20
    /// The length of the SHA-256 before the state. Without it, damaged bytes could be read as a frame.
    private static let digestBytes = 32

    /// Sorts the descriptors by their names.
    init(_ passed: PassedDescriptors) {
        let kept = [Self.viewerName, Self.stateName]
        sockets = passed.entries.filter { !kept.contains($0.name) }
        viewers = passed.entries.filter { $0.name == Self.viewerName }.map(\.descriptor)
        states = passed.entries.filter { $0.name == Self.stateName }.map(\.descriptor)
    }

    // MARK: - At the start

    /// Restores the cameras' latest frames, and returns the viewers whose streams go on. Closes the unused descriptors.
    func restore(into relay: Relay, _ manager: ServiceManager, _ log: Logger) -> [Handover.Viewer] {
        guard !viewers.isEmpty || !states.isEmpty else { return [] }
        // Before anything else: if this process fails from here on, the next one must not continue streams that this
        // one has already written to.
        manager.forget(name: Self.viewerName)
        manager.forget(name: Self.stateName)
        var unused = viewers
        // Closed now and not with the last reference: the state is a file in memory, and an open socket leaves its
        // viewer waiting.
        defer { for descriptor in unused + states { descriptor.close() } }
        guard let state = readState(log) else { return [] }
        let now = SystemClock.nowMicroseconds()
        let cameras = state.frames.count { frame in
            let age = Duration.microseconds(max(0, now - frame.timestampMicroseconds))
            return relay.hub.restore(frame, age: age)
        }
        let sockets = Dictionary(
            viewers.compactMap { socket in socket.inode.map { ($0, socket) } }, uniquingKeysWith: { first, _ in first })
        let restored = state.viewers.compactMap { viewer in
            sockets[viewer.inode].map { Handover.Viewer(socket: $0, state: viewer) }
        }
        let used = Set(restored.map { ObjectIdentifier($0.socket) })
        unused.removeAll { used.contains(ObjectIdentifier($0)) }
        log.notice(
            "restored",
            metadata: ["viewers": .stringConvertible(restored.count), "cameras": .stringConvertible(cameras)])
        return restored
    }

    private func readState(_ log: Logger) -> SavedState? {
        do {
            guard let state = states.last else { throw RecordError(offset: 0) }
            let contents = try MemoryFile.read(state, maxBytes: Self.maxStateBytes)
            let bytes = Array(contents.dropFirst(Self.digestBytes))
            let digest = Array(contents.prefix(Self.digestBytes))
            guard try Digest.sha256(bytes) == digest else { throw RecordError(offset: 0) }
            return try SavedState(bytes)
        } catch {
            log.warning(
                "what the process before has left cannot be used; its viewers are disconnected",
                metadata: ["viewers": .stringConvertible(viewers.count), "error": "\(error)"])
            return nil
        }
    }

    // MARK: - At the end

    /// Stores the viewers that were handed over, and the cameras' latest frames, for the next process.
    static func save(_ relay: Relay, _ manager: ServiceManager, _ log: Logger) {
        guard relay.handover.hasBegun else { return }
        let viewers = relay.handover.take()
        var state = SavedState()
        state.viewers = viewers.map(\.state)
        state.frames = savedFrames(relay)
        do throws(SystemError) {
            let bytes = state.bytes()
            let file = try MemoryFile.make(name: stateName, [Digest.sha256(bytes), bytes])
            // The state goes first: without it the sockets are of no use.
            guard manager.store([file], name: stateName), manager.store(viewers.map(\.socket), name: viewerName) else {
                return log.warning("the service manager has not taken the viewers")
            }
            log.notice("handed over", metadata: ["viewers": .stringConvertible(viewers.count)])
        } catch {
            log.warning("viewers cannot be handed over", metadata: ["error": "\(error)"])
        }
    }

    private static func savedFrames(_ relay: Relay) -> [SavedState.SavedFrame] {
        var left = maxFrameBytes
        return relay.hub.latestFrames.sorted { $0.arrived > $1.arrived }.compactMap { frame in
            guard frame.jpegBytes <= left else { return nil }
            left -= frame.jpegBytes
            return SavedState.SavedFrame(frame)
        }
    }
}
