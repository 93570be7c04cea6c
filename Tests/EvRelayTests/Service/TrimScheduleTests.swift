// SPDX-License-Identifier: MIT
import LibEvent
import Testing

@testable import EvRelay

@Suite struct TrimScheduleTests {
    private static let crowd = TrimSchedule.minHandshakes

    /// What a schedule says to one question a second: the numbers of handshakes of each.
    private func answers(_ handshakes: [Int]) -> [Int] {
        var schedule = TrimSchedule()
        return handshakes.indices.filter { second in
            let now = Instant(nanoseconds: 1_000_000_000_000 + Int64(second) * 1_000_000_000)
            return schedule.isDue(handshakes: handshakes[second], now: now)
        }
    }

    @Test func `memory is given back once, when a crowd is in`() {
        #expect(answers([Self.crowd, Self.crowd + 5] + Array(repeating: Self.crowd + 5, count: 60)) == [2])
    }

    @Test func `a few are not worth the while`() {
        #expect(answers(Array(repeating: Self.crowd - 1, count: 60)) == [])
    }

    @Test func `the next crowd waits for its time`() {
        #expect(answers([Self.crowd, Self.crowd] + Array(repeating: 2 * Self.crowd, count: 20)) == [1, 11])
    }
}
