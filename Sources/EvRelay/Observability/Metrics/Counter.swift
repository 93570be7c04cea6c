// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization

/// A number that any thread adds to and any thread reads.
///
/// Sendable: adding is one atomic operation, which is all that a measurement may cost on a frame's way.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    /// The sum of everything added.
    var value: Int { count.load(ordering: .relaxed) }

    /// Adds `amount`, which is negative where something ends that was counted before.
    func add(_ amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
}

/// Counts events by a word: a reason, a status code. The words are constants of the program, so there are few.
///
/// Sendable: any thread may count. Takes a lock, so it is nothing for a frame's way.
final class LabelledCounter: Sendable {
    private let counts: Mutex<[String: Int]>

    /// - Parameter known: words that are there from the start, with 0. An alert sees only a number that grows, so the first
    ///   event of a word that was not there before would go unnoticed.
    init(_ known: [String] = []) {
        counts = Mutex(Dictionary(known.map { ($0, 0) }) { first, _ in first })
    }

    /// Counts one event.
    func add(_ label: String) { counts.withLock { $0[label, default: 0] += 1 } }

    /// Every word so far with its number.
    var values: [String: Int] { counts.withLock { $0 } }
}

/// How often a duration fell into which range.
///
/// Sendable: an observation is two atomic operations.
final class Histogram: Sendable {
    /// The ranges' upper ends in seconds, ascending; one more range has no end.
    let bounds: [Double]
    private let limits: [Int64]
    private let counts: [Counter]
    private let nanoseconds = Counter()

    /// - Parameter bounds: upper ends in seconds, ascending.
    init(bounds: [Double]) {
        self.bounds = bounds
        limits = bounds.map { Int64($0 * 1_000_000_000) }
        counts = (0...bounds.count).map { _ in Counter() }
    }

    /// Counts one duration; a negative one counts as zero.
    func observe(_ duration: Duration) {
        let length = max(0, duration.wholeNanoseconds)
        counts[limits.firstIndex { length <= $0 } ?? limits.count].add()
        nanoseconds.add(Int(length))
    }

    /// What was counted so far.
    var snapshot: HistogramSnapshot {
        HistogramSnapshot(counts: counts.map(\.value), seconds: Double(nanoseconds.value) / 1_000_000_000)
    }
}

/// A histogram's contents at one moment.
struct HistogramSnapshot: Equatable, Sendable {
    /// Observations in each range, the endless one last.
    private(set) var counts: [Int]
    /// The sum of all observations.
    private(set) var seconds: Double

    init(counts: [Int], seconds: Double) {
        self.counts = counts
        self.seconds = seconds
    }

    /// The contents of several histograms with the same bounds together.
    static func sum(_ histograms: [Histogram]) -> HistogramSnapshot {
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
