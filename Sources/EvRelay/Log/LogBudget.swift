// SPDX-License-Identifier: MIT
import LibEvent
import System

/// The number of lines that visitors may cause, of all kinds together: a token bucket that fills at `linesPerSecond` up
/// to `burst`. Lines left out are counted for each kind. The count is reported with the next line of that kind, or when
/// the kind has come to rest.
///
/// A pure value: the caller passes the time.
struct LogBudget {
    /// The most lines in one burst.
    static let burst = 200.0
    /// Lines a second after a burst: 3 KB a second, or 260 MB a day, in an attack that does not end.
    static let linesPerSecond = 20.0
    /// Lines reserved for events that a crowd cannot cause, so that a crowd cannot hide them.
    static let reserve = 50.0
    /// The time in which at most one refusal, or one closed idle connection, is logged for each reason. A kind has come
    /// to rest when its last line is this old.
    static let interval = Duration.seconds(10)

    /// A kind of line. The event and the reason are constants of the program, so there are few kinds.
    struct Kind: Hashable {
        let event: VisitorEvent
        /// The reason of a refusal or of a closed idle connection; nil for all other events.
        var reason: String?
    }

    /// A kind of line, and the number of its lines that were left out.
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

    /// Requests one line.
    /// - Returns: the number of lines of this kind left out since the last one; nil if this line is left out too.
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

    /// Returns the kinds that have come to rest and had lines left out; with `isFinal`, all kinds that had. Called once
    /// a second, and once at the end. Forgets every kind that has come to rest.
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
