// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization

/// What the process uses, looked up at most once a second: to list its descriptors costs more the more connections
/// strangers have opened, and everybody may ask for `/metrics`.
///
/// Sendable: any loop asks at any time.
final class ProcessSample: Sendable {
    /// What cannot be read is nil.
    struct Values: Sendable {
        var usage: ProcessUsage?
        var openDescriptors: Int?
    }

    private struct State: Sendable {
        var values = Values()
        var due: Instant?
    }

    private static let interval = Duration.seconds(1)
    private let state = Mutex(State())

    /// What was so at `now`, or less than a second before.
    func values(now: Instant) -> Values {
        state.withLock { state in
            if let due = state.due, now < due { return state.values }
            state.values = Values(
                usage: try? ProcessUsage.own(), openDescriptors: try? ProcessUsage.openDescriptors())
            state.due = now + Self.interval
            return state.values
        }
    }
}
