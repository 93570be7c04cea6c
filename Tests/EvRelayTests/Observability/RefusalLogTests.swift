// SPDX-License-Identifier: MIT
import LibEvent
import Testing

@testable import EvRelay

@Suite struct RefusalLogTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test func `the first refusal is logged, those within ten seconds are counted`() {
        var log = RefusalLog()
        #expect(log.refused("viewers-full", now: at(0)) == .init(reason: "viewers-full", leftOut: 0))
        #expect(log.refused("viewers-full", now: at(1)) == nil)
        #expect(log.refused("viewers-full", now: at(9999)) == nil)
        #expect(log.refused("viewers-full", now: at(10_000)) == .init(reason: "viewers-full", leftOut: 2))
        #expect(log.refused("viewers-full", now: at(10_001)) == nil)
        #expect(log.refused("viewers-full", now: at(20_000)) == .init(reason: "viewers-full", leftOut: 1))
        #expect(log.refused("viewers-full", now: at(40_000)) == .init(reason: "viewers-full", leftOut: 0))
    }

    @Test func `one reason does not hide another`() {
        var log = RefusalLog()
        #expect(log.refused("a", now: at(0)) != nil)
        #expect(log.refused("b", now: at(1)) != nil)
        #expect(log.refused("a", now: at(2)) == nil)
        #expect(log.refused("b", now: at(3)) == nil)
    }

    @Test func `what a finished attack left out is owed once, after its ten seconds`() {
        var log = RefusalLog()
        for time in 0..<5 { _ = log.refused("b", now: at(Int64(time))) }
        for time in 0..<3 { _ = log.refused("a", now: at(Int64(time))) }
        _ = log.refused("c", now: at(0))
        #expect(log.owed(now: at(9999)) == [])
        #expect(log.owed(now: at(10_000)) == [.init(reason: "a", leftOut: 2), .init(reason: "b", leftOut: 4)])
        #expect(log.owed(now: at(10_001)) == [])
        #expect(log.refused("a", now: at(10_002)) == .init(reason: "a", leftOut: 0))
    }

    @Test func `at the end everything is owed at once`() {
        var log = RefusalLog()
        _ = log.refused("a", now: at(0))
        _ = log.refused("a", now: at(1))
        #expect(log.owed(now: at(2), isFinal: true) == [.init(reason: "a", leftOut: 1)])
    }
}
