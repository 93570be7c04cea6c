// SPDX-License-Identifier: MIT
import System
import TestSupport
import Testing

@testable import LibEvent

@Suite struct StallWatchTests {
    private static let limit = Duration.seconds(4)

    /// Returns for each look, one a second, whether it finds a stall.
    private func looks(_ counts: [Int], _ watch: inout StallWatch, from second: Int = 0) -> [Bool] {
        counts.indices.map {
            let now = Instant(nanoseconds: 1_000_000_000 * Int64(1_000 + second + $0))
            return watch.isStalled(at: counts[$0], now: now, limit: Self.limit)
        }
    }

    @Test func `who takes nothing has the limit from the first look on`() {
        var watch = StallWatch()
        #expect(looks([9, 9, 9, 9, 9], &watch) == [false, false, false, false, true])
    }

    @Test func `the time before the first look counts`() {
        var watch = StallWatch()
        let found = (1...4).map {
            watch.isStalled(
                at: 9, now: Instant(nanoseconds: 1_000_000_000 * Int64(1_000 + $0)), limit: Self.limit,
                waited: .seconds(1))
        }
        #expect(found == [false, false, false, true])
    }

    @Test(arguments: UInt64(1)...20)
    func `who takes something within each limit is never stalled`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var watch = StallWatch()
        var counts: [Int] = []
        for left in (0..<50).reversed() {
            counts += Array(repeating: left, count: Int.random(in: 1...4, using: &random))
        }
        #expect(!looks(counts, &watch).contains(true), "seed \(seed)")
    }

    @Test func `the same number long after everything was taken is another one`() {
        var watch = StallWatch()
        #expect(looks([9], &watch) == [false])
        watch.restart()
        #expect(looks([9, 9], &watch, from: 100) == [false, false])
    }
}
