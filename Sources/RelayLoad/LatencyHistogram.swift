// SPDX-License-Identifier: MIT
import LibEvent
import System

/// Counts times in steps of 10 µs up to 20 s: percentiles of any number of samples in 8 MB.
struct LatencyHistogram {
    /// The number of samples so far.
    private(set) var count = 0
    /// The largest sample, exact.
    private(set) var largest = Duration.zero

    private var buckets: [Int32]
    private static let stepNanoseconds: Int64 = 10_000
    private static let bucketCount = 2_000_000

    init() {
        buckets = Array(repeating: 0, count: Self.bucketCount)
    }

    /// Counts one sample; one over 20 s counts as 20 s in every percentile but not in `largest`.
    mutating func add(_ sample: Duration) {
        let bucket = max(0, sample.wholeNanoseconds) / Self.stepNanoseconds
        buckets[Int(min(bucket, Int64(Self.bucketCount - 1)))] += 1
        count += 1
        largest = max(largest, sample)
    }

    /// Returns the time at or below which `share` (0 to 1) of all samples lie (nearest rank), rounded up to the step
    /// and at most the largest; nil without samples.
    func percentile(_ share: Double) -> Duration? {
        guard count > 0 else { return nil }
        let rank = max(1, Int((share * Double(count)).rounded(.up)))
        var seen = 0
        for (index, hits) in buckets.enumerated() where hits > 0 {
            seen += Int(hits)
            if seen >= rank { return min(largest, .nanoseconds(Int64(index + 1) * Self.stepNanoseconds)) }
        }
        return largest
    }
}
