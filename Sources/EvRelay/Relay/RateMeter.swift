// SPDX-License-Identifier: MIT
import LibEvent

/// Frames and bytes a second of one camera, smoothed over about two seconds.
struct RateMeter: Sendable {
    private var last: Instant?
    private var meanSeconds = 0.0
    private var meanBytes = 0.0

    private static let smoothingSeconds = 2.0

    /// Counts a frame that arrived at `now`.
    mutating func record(bytes: Int, at now: Instant) {
        defer { last = now }
        guard let last else {
            meanBytes = Double(bytes)
            return
        }
        let seconds = max(0.000_001, Self.seconds(now - last))
        if meanSeconds == 0 || seconds > 4 * Self.smoothingSeconds {
            // The second frame ever, or the first after a pause: what was before says nothing about the rate now.
            meanSeconds = meanSeconds == 0 ? seconds : min(seconds, meanSeconds)
            meanBytes = Double(bytes)
            return
        }
        let weight = seconds / (seconds + Self.smoothingSeconds)
        // Weighted by time, so that a burst of frames counts for as little as it lasted.
        meanSeconds += (seconds - meanSeconds) * max(weight, 0.02)
        meanBytes += (Double(bytes) - meanBytes) * max(weight, 0.02)
    }

    /// Frames a second; falls by itself when frames stop.
    func framesPerSecond(at now: Instant) -> Double {
        guard let last, meanSeconds > 0 else { return 0 }
        let silence = Self.seconds(now - last)
        // Half an interval of delay is ordinary jitter, more is a lower rate.
        return 1 / max(meanSeconds, silence > 1.5 * meanSeconds ? silence : meanSeconds)
    }

    /// Bytes of JPEG a second.
    func bytesPerSecond(at now: Instant) -> Double {
        framesPerSecond(at: now) * meanBytes
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.wholeNanoseconds) / 1_000_000_000
    }
}
