// SPDX-License-Identifier: MIT
import Synchronization

/// Counts how many of a kind there are on all loops, up to a limit: viewers, or a doctor's connections.
///
/// Sendable: any loop may admit and release at any time.
final class PlaceCounter: Sendable {
    private let maximum: Atomic<Int>
    private let count = Atomic<Int>(0)

    init(limit: Int) {
        maximum = Atomic(limit)
    }

    /// The most there may be; those beyond a lowered limit stay.
    var limit: Int {
        get { maximum.load(ordering: .relaxed) }
        set { maximum.store(newValue, ordering: .relaxed) }
    }

    /// How many there are now.
    var taken: Int { count.load(ordering: .relaxed) }

    /// A place, which is free again when its last owner lets go of it; nil if all are taken.
    func admit() -> Place? {
        if count.wrappingAdd(1, ordering: .relaxed).newValue <= limit { return Place(self) }
        release()
        return nil
    }

    fileprivate func release() { count.wrappingSubtract(1, ordering: .relaxed) }
}

/// One of the places that a `PlaceCounter` counts.
///
/// Sendable and immutable. Freed with its last reference, so that no way of ending can forget it or free it twice.
final class Place: Sendable {
    private let counter: PlaceCounter

    fileprivate init(_ counter: PlaceCounter) { self.counter = counter }

    deinit { counter.release() }
}
