// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System

/// A number that any thread may add to and read.
///
/// Sendable: adding is one atomic operation, the most that a measurement may cost on a frame's path.
public final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    /// Creates a counter at 0.
    public init() {}

    /// The sum of everything added.
    public var value: Int { count.load(ordering: .relaxed) }

    /// Adds `amount`. A negative amount takes back something counted before that has ended.
    public func add(_ amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
}

/// Counters by label: a reason or a status code. The labels are constants of the program, so there are few.
///
/// Sendable: any thread may count. Counting takes a lock, so it must not be done on a frame's path.
public final class LabelledCounter: Sendable {
    private let counts: Mutex<[String: Int]>

    /// - Parameter known: labels that exist from the start, with 0. An alert sees only a number that grows, so it would
    ///   miss the first event of a label that did not exist before.
    public init(_ known: [String] = []) {
        counts = Mutex(Dictionary(known.map { ($0, 0) }) { first, _ in first })
    }

    /// Counts one event.
    public func add(_ label: String) { counts.withLock { $0[label, default: 0] += 1 } }

    /// The number of events of each label.
    public var values: [String: Int] { counts.withLock { $0 } }
}

/// The number of observed durations in each of several ranges.
///
/// Sendable: an observation is two atomic operations.
public final class Histogram: Sendable {
    /// The upper ends of the ranges in seconds, ascending. One more range has no upper end.
    public let bounds: [Double]
    private let limits: [Int64]
    private let counts: [Counter]
    private let nanoseconds = Counter()

    /// - Parameter bounds: the upper ends of the ranges in seconds, ascending.
    public init(bounds: [Double]) {
        self.bounds = bounds
        limits = bounds.map { Int64($0 * 1_000_000_000) }
        counts = (0...bounds.count).map { _ in Counter() }
    }

    /// Counts one duration; a negative one counts as zero.
    public func observe(_ duration: Duration) {
        let length = max(0, duration.wholeNanoseconds)
        counts[limits.firstIndex { length <= $0 } ?? limits.count].add()
        nanoseconds.add(Int(length))
    }

    /// The contents at this moment.
    public var snapshot: HistogramSnapshot {
        HistogramSnapshot(counts: counts.map(\.value), seconds: Double(nanoseconds.value) / 1_000_000_000)
    }
}

/// A histogram's contents at one moment.
public struct HistogramSnapshot: Equatable, Sendable {
    /// Observations in each range; the range without an upper end is last.
    public private(set) var counts: [Int]
    /// The sum of all observations, in seconds.
    public private(set) var seconds: Double

    /// Creates a snapshot of these numbers.
    public init(counts: [Int], seconds: Double) {
        self.counts = counts
        self.seconds = seconds
    }

    /// Returns the sum of several histograms with the same bounds.
    public static func sum(_ histograms: [Histogram]) -> HistogramSnapshot {
        let snapshots = histograms.map(\.snapshot)
        var counts = Array(repeating: 0, count: snapshots.first?.counts.count ?? 0)
        for snapshot in snapshots {
            for (index, count) in snapshot.counts.enumerated() where counts.indices.contains(index) {
                counts[index] += count
            }
        }
        return HistogramSnapshot(counts: counts, seconds: snapshots.reduce(0) { $0 + $1.seconds })
    }
}
