// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing

@testable import EvRelay

@Suite struct TrimScheduleTests {
    private static let crowd = TrimSchedule.minHandshakes

    /// Returns the seconds in which a schedule that is asked once a second is due.
    /// - Parameters:
    ///   - handshakes: their number in each second.
    ///   - gone: the bytes of frames that are gone since the last time, for each second; 0 for missing ones.
    private func answers(_ handshakes: [Int], gone: [Int] = []) -> [Int] {
        var schedule = TrimSchedule()
        return handshakes.indices.filter { second in
            let now = Instant(nanoseconds: 1_000_000_000_000 + Int64(second) * 1_000_000_000)
            return schedule.isDue(
                handshakes: handshakes[second], goneFrameBytes: second < gone.count ? gone[second] : 0, now: now)
        }
    }

    @Test func `memory is given back once, when a crowd is in`() {
        #expect(answers([Self.crowd, Self.crowd + 5] + Array(repeating: Self.crowd + 5, count: 60)) == [2])
    }

    @Test func `a few are not worth the while`() {
        #expect(answers(Array(repeating: Self.crowd - 1, count: 60)) == [])
    }

    @Test func `frames of a burst are given back when they are gone, whoever comes meanwhile`() {
        let gone = [0, TrimSchedule.minFrameBytes - 1, TrimSchedule.minFrameBytes, 0, 0]
        #expect(answers([1, 2, 3, 4, 5], gone: gone) == [2])
    }

    @Test func `frames that come and go all the time are given back now and then`() {
        #expect(
            answers(Array(repeating: 0, count: 8), gone: Array(repeating: TrimSchedule.minFrameBytes, count: 8))
                == [0, 3, 6])
    }

    @Test func `the next crowd waits for its time`() {
        #expect(answers([Self.crowd, Self.crowd] + Array(repeating: 2 * Self.crowd, count: 20)) == [1, 11])
    }
}
