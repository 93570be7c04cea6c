// SPDX-License-Identifier: MIT
import Synchronization

/// Counts bytes held against a budget.
///
/// Sendable: any thread may reserve and release at any time. Each is one atomic operation, unless more is held than
/// ever before.
public final class ByteLedger: Sendable {
    private let limit: Atomic<Int>
    private let used = Atomic<Int>(0)
    private let highest = Atomic<Int>(0)

    /// Creates a ledger with nothing held.
    public init(limitBytes: Int) {
        limit = Atomic(limitBytes)
    }

    /// The most that may be held, in bytes. If it is set below what is held, `reserve` refuses until enough is
    /// released.
    public var limitBytes: Int {
        get { limit.load(ordering: .relaxed) }
        set { limit.store(newValue, ordering: .relaxed) }
    }

    /// The bytes held now.
    public var usedBytes: Int { used.load(ordering: .relaxed) }

    /// The most bytes held since the last `restartHighest()`.
    public var highestBytes: Int { highest.load(ordering: .relaxed) }

    /// Restarts `highestBytes` with the bytes held now.
    public func restartHighest() { highest.store(usedBytes, ordering: .relaxed) }

    /// Reserves `count` bytes of the budget; false, with nothing reserved, if they do not fit.
    public func reserve(_ count: Int) -> Bool {
        // More than the whole budget could overflow the sum.
        let limitBytes = limitBytes
        guard (0...limitBytes).contains(count) else { return false }
        let after = used.wrappingAdd(count, ordering: .relaxed).newValue
        if after <= limitBytes {
            if after > highest.load(ordering: .relaxed) { highest.max(after, ordering: .relaxed) }
            return true
        }
        used.wrappingSubtract(count, ordering: .relaxed)
        return false
    }

    /// Releases bytes that `reserve` granted.
    public func release(_ count: Int) {
        used.wrappingSubtract(count, ordering: .relaxed)
    }
}

/// A share of a ledger's budget that grows on demand and is released with this object.
///
/// Confined to one event loop.
public final class ByteReservation {
    private let ledger: ByteLedger
    /// The bytes held by this reservation.
    public private(set) var heldBytes = 0

    /// Creates an empty reservation.
    public init(in ledger: ByteLedger) {
        self.ledger = ledger
    }

    /// Ensures that at least `count` bytes are held; false, with nothing changed, if the budget does not allow it.
    public func grow(to count: Int) -> Bool {
        let missing = count - heldBytes
        guard missing > 0 else { return true }
        guard ledger.reserve(missing) else { return false }
        heldBytes = count
        return true
    }

    /// Releases everything; the reservation may grow again.
    public func release() {
        ledger.release(heldBytes)
        heldBytes = 0
    }

    deinit { release() }
}
