// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

// Publishing frames. Sources do so through a `PublishingSession`.
extension CameraHub {
    /// The result of publishing a frame.
    public struct Receipt: Sendable, Equatable {
        /// The frame's sequence.
        public let sequence: Int64
        /// The size of the JPEG in bytes.
        public let byteCount: Int
        /// The number of bytes after the JPEG, which were cut off.
        public let trailingBytes: Int
        /// The camera's viewers.
        public let viewers: Int
        /// False while nobody watches the camera, so that it may send fewer frames.
        public let isWatched: Bool
    }

    /// Returns room for a frame of `bytes` bytes, which counts as frame memory from here on.
    /// - Throws: `FrameRefusal.frameMemoryFull`.
    func room(bytes: Int) throws(FrameRefusal) -> IncomingFrame {
        if FrameMemory.isShort(ledger) { memoryIsShort() }
        guard let frame = IncomingFrame(byteCount: bytes, countedIn: ledger) else {
            throw .frameMemoryFull(limitBytes: ledger.limitBytes)
        }
        return frame
    }

    /// Makes a complete frame the latest of `id`, and puts it into the inboxes of its sinks.
    /// - Parameter origin: the place that the publisher sends from.
    func publish(
        _ incoming: IncomingFrame, to id: CameraID, by publisher: PublisherIdentity, from origin: String
    ) throws(FrameRefusal) -> Receipt {
        let timestamp = SystemClock.nowMicroseconds()
        guard let frame = try incoming.finish(timestampMicroseconds: timestamp) else {
            throw .frameMemoryFull(limitBytes: ledger.limitBytes)
        }
        let publication = try publish(
            frame, to: id, by: publisher, from: origin, timestampMicroseconds: timestamp, now: SystemClock.monotonic())
        return Receipt(
            sequence: publication.frame.sequence, byteCount: frame.layout.jpeg.count,
            trailingBytes: frame.trailingBytes, viewers: publication.viewers, isWatched: publication.isWatched)
    }

    /// Makes a finished frame the latest of `id`, and creates the camera with its first frame.
    /// - Throws: `FrameRefusal.camerasFull`, or that the camera belongs to another publisher.
    func publish(
        _ frame: FinishedFrame, to id: CameraID, by publisher: PublisherIdentity, from origin: String,
        timestampMicroseconds: Int64, now: Instant
    ) throws(FrameRefusal) -> Camera.Publication {
        while true {
            guard let (camera, settings) = cameraForPublishing(id, timestampMicroseconds) else {
                throw .camerasFull(limit: self.settings.maxCameras)
            }
            let publication = try camera.publish(
                frame, by: publisher, settings.rules, timestampMicroseconds: timestampMicroseconds, now: now)
            guard let publication else { continue }
            received.add(bytes: frame.layout.jpeg.count)
            for inbox in publication.inboxes { inbox.put(publication.frame) }
            tell(of: publication, frame, by: origin)
            return publication
        }
    }

    private func tell(of publication: Camera.Publication, _ frame: FinishedFrame, by origin: String) {
        let id = publication.frame.camera
        if publication.isTakeover { tell(.takenOver(id, by: origin)) }
        if publication.cameAlive { tell(.live(id, frame.info, bytes: frame.layout.jpeg.count)) }
        if publication.isFirstWithTrailingBytes { tell(.trailingBytes(id, frame.trailingBytes)) }
    }

    /// Returns the refusal that a frame of `publisher` would meet now because of another publisher; nil if there is
    /// none.
    func refusal(of publisher: PublisherIdentity, to id: CameraID, now: Instant) -> FrameRefusal? {
        let (camera, settings) = lookUp(id)
        return camera?.refusal(of: publisher, settings.rules, now: now)
    }

    /// Ends the lease of a stream to `id` that has ended.
    func ended(_ publisher: PublisherIdentity, to id: CameraID) { lookUp(id).camera?.ended(publisher) }

    /// Makes a frame of an earlier process the latest of its camera, with its own time and sequence.
    /// - Parameters:
    ///   - timestampMicroseconds: the wall-clock time of its arrival, microseconds since 1970.
    ///   - age: the time since then.
    /// - Returns: false if the frame is damaged, or if memory, the limit of cameras or a newer frame does not allow it.
    public func restore(
        _ jpeg: [UInt8], to id: CameraID, sequence: Int64, timestampMicroseconds: Int64, age: Duration
    ) -> Bool {
        do throws(FrameRefusal) {
            let incoming = try room(bytes: jpeg.count)
            incoming.block.fill(from: jpeg)
            guard let finished = try incoming.finish(timestampMicroseconds: timestampMicroseconds) else { return false }
            let now = SystemClock.monotonic()
            let frame = Frame(
                finished, camera: id, sequence: sequence, timestampMicroseconds: timestampMicroseconds,
                arrived: Instant(nanoseconds: now.nanoseconds - age.wholeNanoseconds))
            guard let (camera, settings) = cameraForPublishing(id, timestampMicroseconds) else { return false }
            return camera.restore(frame, settings.ages, now: now)
        } catch {
            return false
        }
    }
}
