// SPDX-License-Identifier: MIT
import Synchronization

/// Counts bytes held against a budget.
///
/// Sendable: any thread may reserve and release at any time; both are one atomic operation, unless more is
/// held than ever.
public final class ByteLedger: Sendable {
    private let limit: Atomic<Int>
    private let used = Atomic<Int>(0)
    private let highest = Atomic<Int>(0)

    /// A ledger with nothing held.
    public init(limitBytes: Int) {
        limit = Atomic(limitBytes)
    }

    /// The most that `reserve` grants, in bytes. Lowered below what is held, it refuses until enough is given back.
    public var limitBytes: Int {
        get { limit.load(ordering: .relaxed) }
        set { limit.store(newValue, ordering: .relaxed) }
    }

    /// Bytes held now.
    public var usedBytes: Int { used.load(ordering: .relaxed) }

    /// The most that was held since the last `restartHighest()`.
    public var highestBytes: Int { highest.load(ordering: .relaxed) }

    /// Begins `highestBytes` anew, with what is held now.
    public func restartHighest() { highest.store(usedBytes, ordering: .relaxed) }

    /// Takes `count` bytes from the budget, or nothing and answers false if they do not fit.
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

    /// Gives back what `reserve` granted.
    public func release(_ count: Int) {
        used.wrappingSubtract(count, ordering: .relaxed)
    }
}

/// A share of a ledger's budget that grows on demand and is given back when this object goes.
///
/// Confined to one event loop.
public final class ByteReservation {
    private let ledger: ByteLedger
    /// Bytes held by this reservation.
    public private(set) var heldBytes = 0

    /// A reservation of nothing yet.
    public init(in ledger: ByteLedger) {
        self.ledger = ledger
    }

    /// Makes sure that at least `count` bytes are held; false if the budget does not allow it (then nothing changed).
    public func grow(to count: Int) -> Bool {
        let missing = count - heldBytes
        guard missing > 0 else { return true }
        guard ledger.reserve(missing) else { return false }
        heldBytes = count
        return true
    }

    /// Gives everything back; the reservation may grow again.
    public func release() {
        ledger.release(heldBytes)
        heldBytes = 0
    }

    deinit { release() }
}
