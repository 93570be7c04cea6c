// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Logging
import Synchronization
import System

/// The log of events that visitors cause. All loops share it, and one `LogBudget` limits it. Messages for
/// administrators (start, stop, reload, warnings, errors) go to the `Logger` itself, so no visitor can use up their
/// lines.
///
/// Sendable: any thread may note; the lock is held for a look-up.
final class VisitorLog: Sendable {
    /// Lines that the budget left out.
    let leftOut = Counter()
    private let log: Logger
    private let budget = Mutex(LogBudget())

    init(_ log: Logger) {
        self.log = log
    }

    /// Writes the line of `event` if its level is logged and the budget allows it.
    /// - Parameters:
    ///   - reason: the reason of a refusal or of a closed idle connection; nil for all other events.
    ///   - metadata: evaluated only if the line is written.
    func note(
        _ event: VisitorEvent, reason: String? = nil, now: Instant = SystemClock.monotonic(),
        _ metadata: @autoclosure () -> Logger.Metadata
    ) {
        guard event.level >= log.logLevel else { return }
        let kind = LogBudget.Kind(event: event, reason: reason)
        guard let more = budget.withLock({ $0.take(kind, now: now) }) else { return leftOut.add() }
        write(kind, more: more, metadata())
    }

    /// Writes the line of a refusal. In a flood, most are only counted.
    func noteRefusal(_ reason: String, peer: PeerAddress?) {
        note(.refused, reason: reason, peer.map { ["peer": "\($0.text)"] } ?? [:])
    }

    /// Writes a line at debug level, without the budget: a log at that level is complete.
    func debug(_ event: VisitorEvent, _ metadata: @autoclosure () -> Logger.Metadata) {
        log.debug("\(event.rawValue)", metadata: metadata())
    }

    /// Writes the number of lines left out of each kind that has come to rest, or of all kinds if `isFinal`.
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
