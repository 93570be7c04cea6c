// SPDX-License-Identifier: MIT
import LibEvent
public import System

/// The frames and bytes a second of one camera, over its last four seconds or its last 64 frames, whichever is shorter.
public struct RateMeter: Sendable {
    private struct Arrival: Sendable {
        let time: Instant
        let bytes: Int
    }

    /// The latest frames, oldest first. The first one only marks the start of the second one's interval.
    private var arrivals: [Arrival] = []

    private static let maxArrivals = 64
    private static let windowSeconds = 4.0

    /// Counts a frame that arrived at `now`.
    public mutating func record(bytes: Int, at now: Instant) {
        if arrivals.count == Self.maxArrivals { arrivals.removeFirst() }
        arrivals.append(Arrival(time: now, bytes: bytes))
    }

    /// Returns the frames a second. The rate falls by itself when frames stop.
    public func framesPerSecond(at now: Instant) -> Double {
        measure(at: now).frames
    }

    /// Returns the JPEG bytes a second.
    public func bytesPerSecond(at now: Instant) -> Double {
        let rate = measure(at: now)
        return rate.frames * rate.meanBytes
    }

    private func measure(at now: Instant) -> (frames: Double, meanBytes: Double) {
        guard let last = arrivals.last, arrivals.count > 1 else { return (0, 0) }
        // At least one frame, so that a camera slower than the window is measured by its last interval.
        var first = arrivals.count - 1
        while first > 0, Self.seconds(last.time - arrivals[first - 1].time) < Self.windowSeconds { first -= 1 }
        var begin = max(first - 1, 0)
        // Frames before a pause say nothing about the rate after it.
        let isAfterPause = Self.seconds(arrivals[first].time - arrivals[begin].time) >= Self.windowSeconds
        if isAfterPause && first < arrivals.count - 1 { begin = first }
        let counted = arrivals[(begin + 1)...]
        let mean = max(Self.seconds(last.time - arrivals[begin].time), 0.000_001) / Double(counted.count)
        let silence = Self.seconds(now - last.time)
        let bytes = counted.reduce(0.0) { $0 + Double($1.bytes) } / Double(counted.count)
        // Half an interval of delay is ordinary jitter, more is a lower rate.
        return (1 / (silence > 1.5 * mean ? silence : mean), bytes)
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.wholeNanoseconds) / 1_000_000_000
    }
}
