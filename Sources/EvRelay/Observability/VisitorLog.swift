// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import Synchronization

/// The log of what visitors cause, of all loops together and within one `LogBudget`. What administrators need (start,
/// stop, reload, warnings, errors) goes to the `Logger` itself, and no visitor can use up its lines.
///
/// Sendable: any thread may note; the lock is held for a look-up.
final class VisitorLog: Sendable {
    /// Lines that were left out.
    let leftOut = Counter()
    private let log: Logger
    private let budget = Mutex(LogBudget())

    init(_ log: Logger) {
        self.log = log
    }

    /// Writes the line of `event`, if it is wanted and fits.
    /// - Parameters:
    ///   - reason: why somebody was refused.
    ///   - metadata: is not made for a line that is left out.
    func note(
        _ event: VisitorEvent, reason: String? = nil, now: Instant = SystemClock.monotonic(),
        _ metadata: @autoclosure () -> Logger.Metadata
    ) {
        guard event.level >= log.logLevel else { return }
        let kind = LogBudget.Kind(event: event, reason: reason)
        guard let more = budget.withLock({ $0.take(kind, now: now) }) else { return leftOut.add() }
        write(kind, more: more, metadata())
    }

    /// Writes a line at debug level. Who asks for those gets all of them.
    func debug(_ event: VisitorEvent, _ metadata: @autoclosure () -> Logger.Metadata) {
        log.debug("\(event.rawValue)", metadata: metadata())
    }

    /// Writes how many lines were left out of the kinds that have come to rest, or of all.
    func writeOwed(now: Instant = SystemClock.monotonic(), isFinal: Bool = false) {
        for owed in budget.withLock({ $0.owed(now: now, isFinal: isFinal) }) {
            write(owed.kind, more: owed.leftOut, [:])
        }
    }

    private func write(_ kind: LogBudget.Kind, more: Int, _ metadata: Logger.Metadata) {
        var metadata = metadata
        if let reason = kind.reason { metadata["reason"] = "\(reason)" }
        if more > 0 { metadata["more"] = .stringConvertible(more) }
        log.log(level: kind.event.level, "\(kind.event.rawValue)", metadata: metadata)
    }
}
