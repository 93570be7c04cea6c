// SPDX-License-Identifier: MIT
import Cameras
import System
import TestSupport
import LibEvent
import Logging
import Testing
import WireFormat

@testable import EvRelay

/// Requests had a limit per loop, refusals another one, and viewers that joined and left had none: one visitor wrote
/// 15,000 lines a second.
@Suite struct LogBudgetTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private static let joined = LogBudget.Kind(event: .viewerJoined)
    private static let offline = LogBudget.Kind(event: .cameraOffline)
    private static func refused(_ reason: String) -> LogBudget.Kind { .init(event: .refused, reason: reason) }

    /// Returns how many of `lines` lines at one moment the budget allows.
    private func told(_ kind: LogBudget.Kind, _ lines: Int, at moment: Instant, of budget: inout LogBudget) -> Int {
        (0..<lines).count { _ in budget.take(kind, now: moment) != nil }
    }

    @Test func `a crowd has a hundred and fifty lines at once, then twenty a second`() {
        var budget = LogBudget()
        #expect(told(Self.joined, 10_000, at: at(0), of: &budget) == 150)
        #expect(told(Self.joined, 10, at: at(49), of: &budget) == 0)
        #expect(told(Self.joined, 10, at: at(50), of: &budget) == 1)
        let later = (1...1000).reduce(0) { $0 + told(Self.joined, 30, at: at(50 + Int64($1) * 10), of: &budget) }
        #expect((199...200).contains(later))
        #expect(told(Self.joined, 10_000, at: at(10_000_000), of: &budget) == 150)
    }

    @Test func `joins, leaves and requests share one bucket`() {
        var budget = LogBudget()
        #expect(told(Self.joined, 100, at: at(0), of: &budget) == 100)
        #expect(told(.init(event: .viewerLeft), 100, at: at(0), of: &budget) == 50)
        #expect(told(.init(event: .request), 100, at: at(0), of: &budget) == 0)
    }

    @Test func `a crowd hides no camera and no refusal`() {
        var budget = LogBudget()
        _ = told(Self.joined, 10_000, at: at(0), of: &budget)
        #expect(told(Self.refused("key-wrong"), 1000, at: at(0), of: &budget) == 1)
        #expect(told(Self.offline, 100, at: at(0), of: &budget) == 49)
        // The reserve that these lines used refills before the crowd gets another line.
        #expect(told(Self.joined, 100, at: at(2500), of: &budget) == 0)
        #expect(told(Self.joined, 100, at: at(2600), of: &budget) == 2)
    }

    @Test func `the next line of a kind tells how many of it were left out`() {
        var budget = LogBudget()
        _ = told(Self.joined, 150, at: at(0), of: &budget)
        _ = told(Self.joined, 7, at: at(0), of: &budget)
        _ = told(.init(event: .viewerLeft), 3, at: at(0), of: &budget)
        #expect(budget.take(Self.joined, now: at(1000)) == 7)
        #expect(budget.take(Self.joined, now: at(1000)) == 0)
        #expect(budget.take(.init(event: .viewerLeft), now: at(1000)) == 3)
    }

    @Test func `the first refusal is told, those within ten seconds are counted`() {
        var budget = LogBudget()
        let kind = Self.refused("viewers-full")
        let wanted: [(Int64, Int?)] = [
            (0, 0), (1, nil), (9999, nil), (10_000, 2), (10_001, nil), (20_000, 1), (40_000, 0),
        ]
        for (time, more) in wanted { #expect(budget.take(kind, now: at(time)) == more, "\(time)") }
    }

    @Test func `one reason does not hide another`() {
        var budget = LogBudget()
        for reason in ["a", "b"] { #expect(budget.take(Self.refused(reason), now: at(0)) == 0) }
        for reason in ["a", "b"] { #expect(budget.take(Self.refused(reason), now: at(2)) == nil) }
    }

    @Test func `what a finished attack left out is owed once, after its ten seconds`() {
        var budget = LogBudget()
        _ = told(Self.refused("b"), 5, at: at(0), of: &budget)
        _ = told(Self.refused("a"), 3, at: at(0), of: &budget)
        _ = told(Self.refused("c"), 1, at: at(0), of: &budget)
        _ = told(Self.joined, 200, at: at(0), of: &budget)
        #expect(budget.owed(now: at(9999)) == [])
        #expect(
            budget.owed(now: at(10_000)) == [
                .init(kind: Self.refused("a"), leftOut: 2), .init(kind: Self.refused("b"), leftOut: 4),
                .init(kind: Self.joined, leftOut: 53),
            ])
        #expect(budget.owed(now: at(10_001)) == [])
        #expect(budget.take(Self.refused("a"), now: at(10_002)) == 0)
    }

    @Test func `at the end everything is owed at once`() {
        var budget = LogBudget()
        _ = told(Self.refused("a"), 2, at: at(0), of: &budget)
        #expect(budget.owed(now: at(2), isFinal: true) == [.init(kind: Self.refused("a"), leftOut: 1)])
    }

    @Test func `a clock that a slower loop read a little earlier takes nothing and gives nothing`() {
        var budget = LogBudget()
        _ = told(Self.joined, 150, at: at(1000), of: &budget)
        #expect(told(Self.joined, 10, at: at(900), of: &budget) == 0)
        #expect(told(Self.joined, 10, at: at(1000), of: &budget) == 0)
        #expect(told(Self.joined, 10, at: at(1050), of: &budget) == 1)
    }
}

@Suite struct VisitorLogTests {
    private let lines = LogLines()

    @Test func `lines of visitors are counted where they are left out, and others are not touched`() {
        let logger = lines.logger(.info)
        let log = VisitorLog(logger)
        let now = moment(0)
        for number in 0..<200 { log.note(.viewerJoined, now: now, ["camera.id": "c\(number)"]) }
        #expect(lines.all.count == 150 && log.leftOut.value == 50)
        logger.notice("reloaded")
        #expect(lines.all.last == "<5>reloaded")
        log.writeOwed(now: now)
        #expect(lines.all.last == "<5>reloaded")
        log.writeOwed(now: moment(11))
        #expect(lines.all.last == "<6>viewer joined more=50")
    }

    @Test func `a line below the level takes nothing from the others`() {
        let log = VisitorLog(lines.logger(.notice))
        for _ in 0..<1000 { log.note(.viewerJoined, now: moment(0), [:]) }
        log.note(.refused, reason: "viewers-full", now: moment(0), ["peer": "192.0.2.7"])
        #expect(lines.all == ["<5>refused peer=192.0.2.7 reason=viewers-full"])
        #expect(log.leftOut.value == 0)
    }

    @Test func `what is left out at the end is told at the end`() {
        let log = VisitorLog(lines.logger(.info))
        for _ in 0..<3 { log.note(.refused, reason: "too-slow", now: moment(0), [:]) }
        log.writeOwed(now: moment(1), isFinal: true)
        #expect(lines.all == ["<5>refused reason=too-slow", "<5>refused more=2 reason=too-slow"])
    }
}
