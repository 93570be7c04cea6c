// SPDX-License-Identifier: MIT
import LibEvent

/// What the uploaders sent, and when: what the viewers check against.
///
/// Confined to one thread.
final class FrameStore {
    /// Marks the frames of this run.
    let run: UInt64
    /// Length of each frame's JPEG.
    let frameBytes: Int

    /// The latest frames of each camera, at `sequence % recentCount`.
    private var recent: [[TestFrame?]]
    /// When the first byte of each camera's frame was written, by sequence.
    private var sentAt: [[Instant]]
    /// The first frame of each camera that is measured; none until `beginMeasuring`.
    private var measuredFrom: [Int]
    private static let recentCount = 64
    private static let longestFrameBytes = 64 << 20

    init(cameras: Int, frameBytes: Int, run: UInt64) {
        self.run = run
        self.frameBytes = max(frameBytes, TestFrame.smallestBytes)
        recent = Array(repeating: Array(repeating: nil, count: Self.recentCount), count: cameras)
        sentAt = Array(repeating: [], count: cameras)
        measuredFrom = Array(repeating: .max, count: cameras)
    }

    /// Makes a camera's next frame; `markSent` must follow before the one after it.
    func makeNextFrame(camera: Int) -> TestFrame {
        let sequence = sentAt[camera].count
        let identity = FrameIdentity(run: run, camera: UInt32(camera), sequence: UInt64(sequence))
        let frame = TestFrame(identity, bytes: frameBytes)
        recent[camera][sequence % Self.recentCount] = frame
        return frame
    }

    /// Notes that the first byte of a camera's next frame is written now.
    func markSent(camera: Int, at now: Instant) {
        sentAt[camera].append(now)
    }

    /// From each camera's next frame on, frames count in the results.
    func beginMeasuring() {
        for camera in sentAt.indices { measuredFrom[camera] = sentAt[camera].count }
    }

    /// Frames of a camera that count in the results, so far.
    func measuredCount(camera: Int) -> Int { max(0, sentAt[camera].count - measuredFrom[camera]) }

    /// Whether a frame of this run counts in the results.
    func isMeasured(_ identity: FrameIdentity) -> Bool { identity.sequence >= measuredFrom[Int(identity.camera)] }

    /// The latest frame that a camera began; -1 before the first.
    func latestSequence(camera: Int) -> Int { sentAt[camera].count - 1 }

    /// When the frame's first byte was written; nil if it never was in this run.
    func sendTime(of identity: FrameIdentity) -> Instant? {
        guard identity.run == run, identity.camera < sentAt.count else { return nil }
        let times = sentAt[Int(identity.camera)]
        return identity.sequence < times.count ? times[Int(identity.sequence)] : nil
    }

    /// The bytes that the frame of this name must have, whether it is recent, old, or of another run, whose frames may
    /// have had another length: it is taken as declared.
    func expected(_ identity: FrameIdentity, declaredBytes: Int) -> TestFrame {
        guard identity.run == run else {
            return TestFrame(identity, bytes: min(declaredBytes, Self.longestFrameBytes))
        }
        if identity.camera < recent.count {
            let slot = Int(identity.sequence % UInt64(Self.recentCount))
            if let frame = recent[Int(identity.camera)][slot], frame.identity == identity { return frame }
        }
        return TestFrame(identity, bytes: frameBytes)
    }
}
