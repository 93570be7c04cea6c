// SPDX-License-Identifier: MIT
import LibEvent
import System

/// The frames that the uploaders sent, with their times; viewers check against them.
///
/// Confined to one thread.
final class FrameStore {
    /// The number that marks the frames of this run.
    let run: UInt64
    /// The length of each frame's JPEG in bytes.
    let frameBytes: Int

    /// The latest frames of each camera, at `sequence % recentCount`.
    private var recent: [[TestFrame?]]
    /// The times at which the first byte of each camera's frames was written, by sequence.
    private var sentAt: [[Instant]]
    /// The first measured frame of each camera; none until `beginMeasuring`.
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

    /// Makes a camera's next frame; `markSent` must follow before the next call.
    func makeNextFrame(camera: Int) -> TestFrame {
        let sequence = sentAt[camera].count
        let identity = FrameIdentity(run: run, camera: UInt32(camera), sequence: UInt64(sequence))
        let frame = TestFrame(identity, bytes: frameBytes)
        recent[camera][sequence % Self.recentCount] = frame
        return frame
    }

    /// Records that the first byte of a camera's next frame is written now.
    func markSent(camera: Int, at now: Instant) {
        sentAt[camera].append(now)
    }

    /// Counts frames in the results, from each camera's next frame on.
    func beginMeasuring() {
        for camera in sentAt.indices { measuredFrom[camera] = sentAt[camera].count }
    }

    /// Returns the number of a camera's frames that count in the results so far.
    func measuredCount(camera: Int) -> Int { max(0, sentAt[camera].count - measuredFrom[camera]) }

    /// Returns true if a frame of this run counts in the results.
    func isMeasured(_ identity: FrameIdentity) -> Bool { identity.sequence >= measuredFrom[Int(identity.camera)] }

    /// Returns the sequence of the latest frame that a camera began; -1 before the first.
    func latestSequence(camera: Int) -> Int { sentAt[camera].count - 1 }

    /// Returns the time at which the frame's first byte was written; nil if it never was in this run.
    func sendTime(of identity: FrameIdentity) -> Instant? {
        guard identity.run == run, identity.camera < sentAt.count else { return nil }
        let times = sentAt[Int(identity.camera)]
        return identity.sequence < times.count ? times[Int(identity.sequence)] : nil
    }

    /// Returns the bytes that the frame of this identity must have: a recent one, an old one, or one of another run.
    /// Frames of other runs may have had another length, so the declared one is used.
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
