// SPDX-License-Identifier: MIT
import Synchronization

/// Counts the bytes copied for answers that wait to be sent, over all loops: the memory held by peers that do not read.
///
/// Frames are not counted here: they are shared, and their ledger counts them once. Sendable: any loop may count at any
/// time.
public final class AnswerBudget: Sendable {
    private let limit: Atomic<Int>
    private let limitPerConnection: Atomic<Int>
    private let held = Atomic<Int>(0)

    /// Creates a budget with nothing in use.
    /// - Parameters:
    ///   - maxBytes: the limit of all connections together.
    ///   - maxBytesPerConnection: the limit of one connection; a connection that exceeds it ends.
    public init(maxBytes: Int = .max, maxBytesPerConnection: Int = .max) {
        limit = Atomic(maxBytes)
        limitPerConnection = Atomic(maxBytesPerConnection)
    }

    /// Changes the limits. Bytes that wait already are kept.
    public func setLimits(maxBytes: Int, maxBytesPerConnection: Int) {
        limit.store(maxBytes, ordering: .relaxed)
        limitPerConnection.store(maxBytesPerConnection, ordering: .relaxed)
    }

    /// The bytes that wait on all connections.
    public var heldBytes: Int { held.load(ordering: .relaxed) }

    /// The most bytes for all connections together.
    public var maxBytes: Int { limit.load(ordering: .relaxed) }

    /// The most bytes for one connection.
    var maxBytesPerConnection: Int { limitPerConnection.load(ordering: .relaxed) }

    /// True while more bytes wait than the limit allows.
    var isExceeded: Bool { heldBytes > maxBytes }

    /// The bytes above three quarters of the limit. Freeing down to there keeps the next answer from exceeding the
    /// limit again.
    var excessBytes: Int {
        let limit = maxBytes
        return heldBytes > limit / 4 * 3 ? heldBytes - limit / 4 * 3 : 0
    }

    func add(_ count: Int) { held.wrappingAdd(count, ordering: .relaxed) }

    func release(_ count: Int) { held.wrappingSubtract(count, ordering: .relaxed) }
}
