// SPDX-License-Identifier: MIT
import Synchronization

/// Counts the bytes that were copied for answers and wait to be sent, over all loops: what peers that do not read hold.
///
/// Frames are not counted here: they are shared, and their ledger counts them once. Sendable: every loop counts at any
/// time.
public final class AnswerBudget: Sendable {
    private let limit: Atomic<Int>
    private let limitPerConnection: Atomic<Int>
    private let held = Atomic<Int>(0)

    /// A budget of which nothing is used.
    /// - Parameters:
    ///   - maxBytes: for all connections together.
    ///   - maxBytesPerConnection: for one connection; beyond it that connection ends.
    public init(maxBytes: Int = .max, maxBytesPerConnection: Int = .max) {
        limit = Atomic(maxBytes)
        limitPerConnection = Atomic(maxBytesPerConnection)
    }

    /// Changes the limits; what waits already is not cut.
    public func setLimits(maxBytes: Int, maxBytesPerConnection: Int) {
        limit.store(maxBytes, ordering: .relaxed)
        limitPerConnection.store(maxBytesPerConnection, ordering: .relaxed)
    }

    /// Bytes waiting on all connections.
    public var heldBytes: Int { held.load(ordering: .relaxed) }

    /// The most bytes for all connections together.
    public var maxBytes: Int { limit.load(ordering: .relaxed) }

    /// The most bytes for one connection.
    var maxBytesPerConnection: Int { limitPerConnection.load(ordering: .relaxed) }

    /// True while more waits than is allowed.
    var isExceeded: Bool { heldBytes > maxBytes }

    /// What is too much, down to three quarters of the limit, so that the next answer does not make it too much again.
    var excessBytes: Int {
        let limit = maxBytes
        return heldBytes > limit / 4 * 3 ? heldBytes - limit / 4 * 3 : 0
    }

    func add(_ count: Int) { held.wrappingAdd(count, ordering: .relaxed) }

    func release(_ count: Int) { held.wrappingSubtract(count, ordering: .relaxed) }
}
