// SPDX-License-Identifier: MIT
import LibEvent

/// How many lines visitors may cause, of all kinds together: a bucket that fills at `linesPerSecond` up to `burst`. What
/// it leaves out is counted by kind of line, and told with the next line of that kind, or when that kind has come to
/// rest.
///
/// A value: it takes the time, and decides.
struct LogBudget {
    /// Lines that may follow each other at once.
    static let burst = 200.0
    /// Lines a second beyond that: 3 KB, or 260 MB a day, in an attack that does not end.
    static let linesPerSecond = 20.0
    /// Lines kept for events that a crowd does not cause, so that a crowd cannot hide them.
    static let reserve = 50.0
    /// At most one refusal, or connection let go, for a reason is told in this time, and what is owed of a kind that came to rest after it.
    static let interval = Duration.seconds(10)

    /// A kind of line. Both words are constants of the program, so there are few.
    struct Kind: Hashable {
        let event: VisitorEvent
        /// Why somebody was refused or let go; nil for all other events.
        var reason: String?
    }

    /// Lines of one kind that were left out.
    struct Owed: Equatable {
        let kind: Kind
        let leftOut: Int
    }

    private struct Count {
        var toldAt: Instant
        var leftOut: Int
    }

    private var allowance = Self.burst
    private var lastRefill: Instant?
    private var counts: [Kind: Count] = [:]

    /// Asks for one line.
    /// - Returns: nil if it is left out, otherwise the number of lines of its kind left out since the last one.
    mutating func take(_ kind: Kind, now: Instant) -> Int? {
        refill(now)
        let isTooSoon = kind.event.isForFloods && counts[kind].map { now - $0.toldAt < Self.interval } == true
        guard !isTooSoon, allowance >= 1 + (kind.event.isOfCrowds ? Self.reserve : 0) else {
            counts[kind, default: Count(toldAt: now, leftOut: 0)].leftOut += 1
            return nil
        }
        allowance -= 1
        return counts.updateValue(Count(toldAt: now, leftOut: 0), forKey: kind)?.leftOut ?? 0
    }

    /// What is still owed of kinds that came to rest; called now and then, and at the end with `isFinal`. A kind is
    /// forgotten when it is returned or has nothing left out.
    mutating func owed(now: Instant, isFinal: Bool = false) -> [Owed] {
        let due = counts.filter { isFinal || now - $0.value.toldAt >= Self.interval }
        for kind in due.keys { counts[kind] = nil }
        return due.filter { $0.value.leftOut > 0 }.map { Owed(kind: $0.key, leftOut: $0.value.leftOut) }
            .sorted { ($0.kind.event.rawValue, $0.kind.reason ?? "") < ($1.kind.event.rawValue, $1.kind.reason ?? "") }
    }

    private mutating func refill(_ now: Instant) {
        let elapsed = lastRefill.map { Double((now - $0).wholeNanoseconds) / 1_000_000_000 } ?? 0
        // Loops read the clock before they take the lock, so `now` may go back a little.
        guard lastRefill == nil || elapsed > 0 else { return }
        lastRefill = now
        allowance = min(Self.burst, allowance + elapsed * Self.linesPerSecond)
    }
}
