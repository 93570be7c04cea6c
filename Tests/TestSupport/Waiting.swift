// SPDX-License-Identifier: MIT
import Glibc
import LibEvent
import Synchronization
public import System

/// An event that a test waited for and that did not happen.
public struct WaitError: Error, CustomStringConvertible {
    /// A description of the event.
    public let description: String

    /// Creates the error of a wait for `what`.
    public init(_ what: String) {
        description = what
    }
}

/// Evaluates `condition` repeatedly until it holds; throws after `limit`.
public func eventually(
    _ what: String, within limit: Duration = .seconds(10), _ condition: () throws -> Bool
) throws {
    let deadline = SystemClock.monotonic() + limit
    while try !condition() {
        guard SystemClock.monotonic() < deadline else { throw WaitError("not within \(limit): \(what)") }
        usleep(2_000)
    }
}

/// Sleeps until a moment of a test's schedule, such as the time of the next frame at ten a second.
public func pause(until moment: Instant) {
    while true {
        let left = (moment - SystemClock.monotonic()).wholeNanoseconds
        guard left > 0 else { return }
        usleep(useconds_t(clamping: min(left / 1_000 + 1, 100_000)))
    }
}

/// Work on its own thread beside a test.
public final class Beside: Sendable {
    private let thread: LoopThread
    private let outcome: Outcome

    fileprivate final class Outcome: Sendable {
        let error = Mutex<(any Error)?>(nil)
        let isStopping = Atomic<Bool>(false)
    }

    /// Tells the work whether it should end.
    public struct Signal: Sendable {
        fileprivate let outcome: Outcome

        /// True once the test asks the work to end.
        public var isStopping: Bool { outcome.isStopping.load(ordering: .relaxed) }
    }

    /// Creates a thread that runs `body`. Endless work has to check its argument.
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

    /// Asks the work to end, waits for it, and throws the error that it has thrown.
    public func stop() throws {
        outcome.isStopping.store(true, ordering: .relaxed)
        try join()
    }

    /// Waits for the end of the work, and throws the error that it has thrown.
    public func join() throws {
        thread.join()
        if let error = outcome.error.withLock({ $0 }) { throw error }
    }
}

/// Runs `body` on `count` threads at the same time, waits for all, and throws the first error.
public func together(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    var all: [Beside] = []
    for index in 0..<count { all.append(try Beside { _ in try body(index) }) }
    var failure: (any Error)?
    for one in all {
        do { try one.join() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
}
