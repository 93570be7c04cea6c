// SPDX-License-Identifier: MIT
import System

/// Decides when an outgoing connection has taken too long: in its present step, in silence, or as a whole.
///
/// A pure value: the time is handed in.
struct StepDeadlines {
    /// The result of a look at the clock.
    enum Verdict: Equatable {
        /// Look again then.
        case wait(until: Instant)
        /// There is no limit now.
        case unlimited
        /// The limit of this step has passed.
        case timedOut(ClientStep)
    }

    /// The step under way, or the last one.
    private(set) var step = ClientStep.name
    private var stepEnd: Instant?
    private var wholeEnd: Instant?
    /// The limit of silence; nil while silence is allowed.
    private var silence: Duration?
    private var lastMove = Instant(nanoseconds: 0)

    /// Begins the whole.
    init(whole limit: Duration?, at now: Instant) {
        wholeEnd = limit.map { now + $0 }
        lastMove = now
    }

    /// Begins a step; the one before has ended.
    mutating func begin(_ step: ClientStep, limit: Duration?, at now: Instant) {
        self.step = step
        stepEnd = limit.map { now + $0 }
        lastMove = now
    }

    /// Ends the step under way.
    mutating func endStep() { stepEnd = nil }

    /// Begins to limit silence; nil ends that.
    mutating func watchSilence(_ limit: Duration?, at now: Instant) {
        silence = limit
        lastMove = now
    }

    /// Notes that bytes have moved.
    mutating func moved(at now: Instant) { lastMove = now }

    /// True if silence is limited, so that `moved` matters.
    var isWatchingSilence: Bool { silence != nil }

    /// The earliest end of a limit; nil if there is none.
    var next: Instant? {
        let silenceEnd = silence.map { lastMove + $0 }
        return [stepEnd, silenceEnd, wholeEnd].compactMap(\.self).min()
    }

    /// Returns the verdict at `now`.
    func verdict(at now: Instant) -> Verdict {
        if let stepEnd, stepEnd <= now { return .timedOut(step) }
        if let wholeEnd, wholeEnd <= now { return .timedOut(step) }
        if let silence, lastMove + silence <= now { return .timedOut(.silence) }
        return next.map { .wait(until: $0) } ?? .unlimited
    }
}
