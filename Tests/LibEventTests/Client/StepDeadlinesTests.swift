// SPDX-License-Identifier: MIT
import System
import Testing

@testable import LibEvent

struct StepDeadlinesTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test func `without limits there is nothing to wait for`() {
        let deadlines = StepDeadlines(whole: nil, at: at(0))
        #expect(deadlines.verdict(at: at(1_000_000)) == .unlimited)
        #expect(deadlines.next == nil)
    }

    @Test func `a step ends at its limit, not before, and is named`() {
        var deadlines = StepDeadlines(whole: nil, at: at(0))
        deadlines.begin(.handshake, limit: .milliseconds(100), at: at(5))
        #expect(deadlines.verdict(at: at(104)) == .wait(until: at(105)))
        #expect(deadlines.verdict(at: at(105)) == .timedOut(.handshake))
        deadlines.begin(.head, limit: .milliseconds(100), at: at(104))
        #expect(deadlines.verdict(at: at(105)) == .wait(until: at(204)))
        deadlines.endStep()
        #expect(deadlines.verdict(at: at(1000)) == .unlimited)
    }

    @Test func `silence counts from the last byte`() {
        var deadlines = StepDeadlines(whole: nil, at: at(0))
        deadlines.begin(.body, limit: nil, at: at(0))
        deadlines.watchSilence(.milliseconds(10), at: at(0))
        deadlines.moved(at: at(8))
        #expect(deadlines.verdict(at: at(17)) == .wait(until: at(18)))
        #expect(deadlines.verdict(at: at(18)) == .timedOut(.silence))
        deadlines.watchSilence(nil, at: at(17))
        #expect(!deadlines.isWatchingSilence)
        #expect(deadlines.verdict(at: at(18)) == .unlimited)
    }

    @Test func `the whole ends in whatever step is under way, and the earliest limit is waited for`() {
        var deadlines = StepDeadlines(whole: .milliseconds(50), at: at(0))
        deadlines.begin(.connection, limit: .milliseconds(40), at: at(0))
        #expect(deadlines.next == at(40))
        deadlines.begin(.head, limit: .milliseconds(40), at: at(30))
        #expect(deadlines.next == at(50))
        #expect(deadlines.verdict(at: at(50)) == .timedOut(.head))
    }

    @Test func `a limit without end never passes`() {
        var deadlines = StepDeadlines(whole: .seconds(Int64.max), at: at(7))
        deadlines.begin(.name, limit: .seconds(Int64.max), at: at(7))
        #expect(deadlines.verdict(at: at(1_000_000_000)) == .wait(until: .distantFuture))
    }
}
