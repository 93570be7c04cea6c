// SPDX-License-Identifier: MIT
import Synchronization

/// Counts the calls of a closure, from any thread.
public final class Calls: Sendable {
    private let number = Atomic<Int>(0)

    /// Creates a counter at 0.
    public init() {}

    /// The calls so far.
    public var count: Int { number.load(ordering: .sequentiallyConsistent) }

    /// Counts a call; to be given as the closure.
    public func add() { number.add(1, ordering: .sequentiallyConsistent) }
}
