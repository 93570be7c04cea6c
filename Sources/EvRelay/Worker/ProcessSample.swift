// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System

/// The process's use of resources, sampled at most once a second. Listing its descriptors costs more the more
/// connections strangers have opened, and `/metrics` may be open to everybody.
///
/// Sendable: any loop may ask at any time.
final class ProcessSample: Sendable {
    /// The sampled values; nil for those that cannot be read.
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

    /// Returns the values at `now`, or values sampled less than a second before.
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
