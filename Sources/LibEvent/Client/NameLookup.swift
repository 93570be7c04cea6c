// SPDX-License-Identifier: MIT
import Synchronization
import System

/// One lookup of a name for a loop: a thread of the resolver leaves the result here, and the loop is woken.
///
/// Confined to one event loop, on which it is made, told of the result, and cancelled by `close()`.
final class NameLookup {
    typealias Outcome = Result<[ClientAddress], NameUnknown>

    /// The result, where loop and thread meet.
    private final class Desk: Sendable {
        private struct State {
            /// Nil once the loop waits no more, so that the thread never holds the last reference to it.
            var wakeup: Wakeup?
            var outcome: Outcome?
        }

        private let state = Mutex(State())

        func open(_ wakeup: Wakeup) { state.withLock { $0.wakeup = wakeup } }

        func give(_ result: Outcome) {
            state.withLock { state in
                state.outcome = result
                // Under the lock: afterwards the loop may be gone.
                state.wakeup?.signal()
            }
        }

        func close() -> Outcome? {
            let (wakeup, outcome) = state.withLock { state in
                defer { state = State() }
                return (state.wakeup, state.outcome)
            }
            wakeup?.close()
            return outcome
        }
    }

    private let resolver: NameResolver
    private let desk = Desk()
    private let query: NameQuery

    /// Begins the lookup.
    ///
    /// - Parameter onEnd: called on the loop, once, unless the lookup is closed before.
    init(
        of host: String, port: UInt16, limit: Duration, with resolver: NameResolver, on loop: EventLoop,
        _ onEnd: @escaping (Outcome) -> Void
    ) throws(SystemError) {
        self.resolver = resolver
        query = NameQuery(host: host, port: port, limit: limit) { [desk] in desk.give($0) }
        desk.open(
            try Wakeup(on: loop) { [desk] in
                if let outcome = desk.close() { onEnd(outcome) }
            })
        do throws(SystemError) { try resolver.start(query) } catch {
            _ = desk.close()
            throw error
        }
    }

    /// Ends the wait; the result is dropped. Idempotent.
    func close() {
        resolver.forget(query)
        _ = desk.close()
    }

    deinit { close() }
}
