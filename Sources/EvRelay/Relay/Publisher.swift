// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Logging
import Synchronization
import WireFormat

/// Turns uploaded bytes into the latest frame of a camera and tells the loops that have viewers of it.
///
/// Sendable: every loop publishes what it receives.
final class Publisher: Sendable {
    private let registry: CameraHub
    private let ledger: ByteLedger
    private let inboxes: [WorkerInbox]
    private let received: ReceivedTraffic
    private let log: VisitorLog
    private let streams = Atomic<UInt64>(0)

    /// The values that an upload's answer reports.
    struct Receipt: Sendable, Equatable {
        let sequence: Int64
        /// The size of the JPEG in bytes.
        let byteCount: Int
        /// The number of bytes after the JPEG, which were cut off.
        let trailingBytes: Int
        let viewers: Int
        /// False while nobody watches the camera, so that it may send fewer frames.
        let isWatched: Bool
    }

    init(
        registry: CameraHub, ledger: ByteLedger, inboxes: [WorkerInbox], received: ReceivedTraffic, log: VisitorLog
    ) {
        self.received = received
        self.registry = registry
        self.ledger = ledger
        self.inboxes = inboxes
        self.log = log
    }

    /// Returns a number for a streaming upload that no other upload of this process has.
    func makeStreamNumber() -> UInt64 { streams.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Creates room for one frame of `byteCount` bytes, which counts as frame memory from here on.
    /// - Throws: `FrameRefusal.frameMemoryFull`.
    func makeFrame(byteCount: Int) throws(FrameRefusal) -> IncomingFrame {
        makeRoomIfNeeded()
        guard let frame = IncomingFrame(byteCount: byteCount, countedIn: ledger) else {
            throw .frameMemoryFull(limitBytes: ledger.limitBytes)
        }
        return frame
    }

    /// Makes a complete frame the latest of `id`, and puts it into the inboxes of the loops that have viewers of it.
    /// - Parameter client: the publisher's address, for the log.
    func publish(
        _ incoming: IncomingFrame, to id: CameraID, by publisher: PublisherIdentity, at client: PeerAddress
    ) throws(FrameRefusal) -> Receipt {
        let timestamp = SystemClock.nowMicroseconds()
        guard let frame = try incoming.finish(timestampMicroseconds: timestamp) else {
            throw .frameMemoryFull(limitBytes: ledger.limitBytes)
        }
        let publication = try registry.publish(
            frame, to: id, by: publisher, timestampMicroseconds: timestamp, now: SystemClock.monotonic())
        guard let publication else { throw .camerasFull(limit: registry.maxCameras) }
        received.add(bytes: frame.layout.jpeg.count)
        for loop in publication.interestedLoops { inboxes[loop].put(publication.frame) }
        if publication.isTakeover {
            log.note(.cameraTakenOver, ["camera.id": "\(id)", "publisher.peer": "\(client.text)"])
        }
        if publication.cameAlive {
            log.note(
                .cameraLive,
                [
                    "camera.id": "\(id)", "frame.bytes": .stringConvertible(frame.layout.jpeg.count),
                    "frame.width": .stringConvertible(frame.info.width),
                    "frame.height": .stringConvertible(frame.info.height),
                ])
        }
        if publication.isFirstWithTrailingBytes {
            log.note(
                .trailingBytes,
                ["camera.id": "\(id)", "frame.trailing.bytes": .stringConvertible(frame.trailingBytes)])
        }
        return Receipt(
            sequence: publication.frame.sequence, byteCount: frame.layout.jpeg.count,
            trailingBytes: frame.trailingBytes,
            viewers: publication.viewers, isWatched: publication.isWatched)
    }

    /// Makes a frame of an earlier process the latest of its camera, with its own time and sequence. Returns false if
    /// it is damaged, or if memory, the limit of cameras or a newer frame does not allow it.
    func restore(_ saved: SavedState.SavedFrame, age: Duration) -> Bool {
        do throws(FrameRefusal) {
            let incoming = try makeFrame(byteCount: saved.jpeg.count)
            incoming.block.fill(from: saved.jpeg)
            guard let frame = try incoming.finish(timestampMicroseconds: saved.timestampMicroseconds) else {
                return false
            }
            let arrived = Instant(nanoseconds: SystemClock.monotonic().nanoseconds - age.wholeNanoseconds)
            return registry.restore(
                Frame(
                    frame, camera: saved.camera, sequence: saved.sequence,
                    timestampMicroseconds: saved.timestampMicroseconds, arrived: arrived))
        } catch {
            return false
        }
    }

    /// Asks the loops to disconnect viewers that hold old frames, well before the budget is used up: a stalled viewer
    /// must not cost a camera its uploads.
    private func makeRoomIfNeeded() {
        guard FrameMemory.isShort(ledger) else { return }
        for inbox in inboxes { inbox.askToShed() }
    }
}
