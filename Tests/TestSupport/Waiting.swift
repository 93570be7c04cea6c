// SPDX-License-Identifier: MIT
import Glibc
public import LibEvent
import Synchronization

/// Something that a test waited for did not happen.
public struct WaitError: Error, CustomStringConvertible {
    /// What was waited for.
    public let description: String

    /// The failure to see `what`.
    public init(_ what: String) {
        description = what
    }
}

/// Asks again and again until `condition` holds; an error after `limit`.
public func eventually(
    _ what: String, within limit: Duration = .seconds(10), _ condition: () throws -> Bool
) throws {
    let deadline = SystemClock.monotonic() + limit
    while try !condition() {
        guard SystemClock.monotonic() < deadline else { throw WaitError("not within \(limit): \(what)") }
        usleep(2_000)
    }
}

/// Does nothing until a moment that a test's schedule names, e.g. when the next frame of ten a second is due.
public func pause(until moment: Instant) {
    while true {
        let left = (moment - SystemClock.monotonic()).wholeNanoseconds
        guard left > 0 else { return }
        usleep(useconds_t(clamping: min(left / 1_000 + 1, 100_000)))
    }
}

/// Work on a thread of its own beside a test.
public final class Beside: Sendable {
    private let thread: LoopThread
    private let outcome: Outcome

    fileprivate final class Outcome: Sendable {
        let error = Mutex<(any Error)?>(nil)
        let isStopping = Atomic<Bool>(false)
    }

    /// Says whether the work should end.
    public struct Signal: Sendable {
        fileprivate let outcome: Outcome

        /// True once the test wants the end.
        public var isStopping: Bool { outcome.isStopping.load(ordering: .relaxed) }
    }

    /// Starts `body`; work without end has to look at its argument.
    public init(_ body: @escaping @Sendable (Signal) throws -> Void) throws {
        let outcome = Outcome()
        self.outcome = outcome
        thread = try LoopThread(name: "test") {
            do {
                try body(Signal(outcome: outcome))
            } catch {
                outcome.error.withLock { $0 = error }
            }
        }
    }

    /// Asks for the end, waits for it, and throws what the work has thrown.
    public func stop() throws {
        outcome.isStopping.store(true, ordering: .relaxed)
        try join()
    }

    /// Waits for the end of the work and throws what it has thrown.
    public func join() throws {
        thread.join()
        if let error = outcome.error.withLock({ $0 }) { throw error }
    }
}

/// Runs `body` on `count` threads at the same time, waits for all and throws the first error.
public func together(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    var all: [Beside] = []
    for index in 0..<count { all.append(try Beside { _ in try body(index) }) }
    var failure: (any Error)?
    for one in all {
        do { try one.join() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
}
