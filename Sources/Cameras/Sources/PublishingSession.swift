// SPDX-License-Identifier: MIT
import LibEvent
import System

/// The frames of one publisher for one camera, from its first to its last: what every kind of source publishes through.
///
/// Confined to the thread of its owner, which must call `end()` before it releases the session.
public final class PublishingSession {
    /// The camera that the frames belong to.
    public let camera: CameraID
    /// The publisher.
    public let identity: PublisherIdentity
    /// Frames published.
    public private(set) var frames = 0
    /// Bytes of the published JPEGs.
    public private(set) var bytes = 0
    /// Bytes after the published JPEGs, which were cut off.
    public private(set) var trailingBytes = 0
    /// The sequence of the frame published last; 0 before the first.
    public private(set) var lastSequence: Int64 = 0
    /// Frames left out because they could not be relayed.
    public private(set) var skippedFrames = 0
    /// The refusal of the last frame; nil if it was published.
    public private(set) var lastProblem: FrameRefusal?

    private let hub: CameraHub
    private let origin: String
    private var hasEnded = false

    /// Begins a session.
    /// - Parameter origin: the place that the publisher sends from, for observers of `CameraEvent.takenOver`.
    /// - Throws: `FrameRefusal.taken` or `.takenOver` if a frame would be refused now because of another publisher. No
    ///   body need be read then. The lease is claimed by each frame.
    public init(
        _ camera: CameraID, as identity: PublisherIdentity, from origin: String, in hub: CameraHub
    ) throws(FrameRefusal) {
        if let refusal = hub.refusal(of: identity, to: camera, now: SystemClock.monotonic()) { throw refusal }
        self.camera = camera
        self.identity = identity
        self.origin = origin
        self.hub = hub
    }

    deinit { assert(hasEnded, "a session is ended before it is released") }

    /// Returns room for a frame of `bytes` bytes, which counts as frame memory from here on.
    /// - Throws: `FrameRefusal.frameMemoryFull`.
    public func room(bytes: Int) throws(FrameRefusal) -> IncomingFrame { try hub.room(bytes: bytes) }

    /// Makes a complete frame the camera's latest.
    /// - Throws: the reason for which it cannot be. The session goes on; `FrameRefusal.isOfOneFrame` tells whether a
    ///   later frame may be accepted.
    public func publish(_ frame: IncomingFrame) throws(FrameRefusal) -> CameraHub.Receipt {
        let receipt: CameraHub.Receipt
        do throws(FrameRefusal) {
            receipt = try hub.publish(frame, to: camera, by: identity, from: origin)
        } catch {
            lastProblem = error
            throw error
        }
        frames += 1
        bytes += receipt.byteCount
        trailingBytes += receipt.trailingBytes
        lastSequence = receipt.sequence
        lastProblem = nil
        return receipt
    }

    /// Counts a frame that is left out while the session goes on.
    public func skip(because refusal: FrameRefusal) {
        lastProblem = refusal
        skippedFrames += 1
    }

    /// Ends the session. A camera that belonged to a stream belongs to nobody now; one of single frames stays its
    /// publisher's for the stale age. Calling it again has no effect.
    public func end() {
        guard !hasEnded else { return }
        hasEnded = true
        if identity.stream != nil { hub.ended(identity, to: camera) }
    }
}
