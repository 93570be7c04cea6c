// SPDX-License-Identifier: MIT
import LibEvent

/// Keeps an attack from filling the log: of refusals for the same reason at most one in ten seconds is logged, with the
/// number left out since the last. Reasons are constants of the program, so the table stays small.
struct RefusalLog {
    /// At most one line per reason in this time.
    static let interval: Duration = .seconds(10)

    /// What a line says.
    struct Entry: Equatable {
        /// Why requests were refused.
        let reason: String
        /// Refusals for this reason since its last line that had no line of their own.
        let leftOut: Int
    }

    private struct Count {
        var loggedAt: Instant
        var leftOut: Int
    }

    private var counts: [String: Count] = [:]

    /// Notes a refusal. Returns what to log, `nil` when it is left out.
    mutating func refused(_ reason: String, now: Instant) -> Entry? {
        if var count = counts[reason], now - count.loggedAt < Self.interval {
            count.leftOut += 1
            counts[reason] = count
            return nil
        }
        let leftOut = counts.updateValue(Count(loggedAt: now, leftOut: 0), forKey: reason)?.leftOut ?? 0
        return Entry(reason: reason, leftOut: leftOut)
    }

    /// What is still owed for reasons that came to rest; called now and then, and at the end with `isFinal`. A
    /// reason is forgotten when it is returned or has nothing left out.
    mutating func owed(now: Instant, isFinal: Bool = false) -> [Entry] {
        let due = counts.filter { isFinal || now - $0.value.loggedAt >= Self.interval }
        for reason in due.keys { counts[reason] = nil }
        return due.filter { $0.value.leftOut > 0 }.map { Entry(reason: $0.key, leftOut: $0.value.leftOut) }
            .sorted { $0.reason < $1.reason }
    }
}
