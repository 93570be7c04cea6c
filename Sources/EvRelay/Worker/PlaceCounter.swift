// SPDX-License-Identifier: MIT
import Synchronization

/// A counter of places on all loops, up to a limit: places of viewers, or of connections that a doctor measures.
///
/// Sendable: any loop may admit and release at any time.
final class PlaceCounter: Sendable {
    private let maximum: Atomic<Int>
    private let count = Atomic<Int>(0)

    init(limit: Int) {
        maximum = Atomic(limit)
    }

    /// The most places. Places above a lowered limit stay taken.
    var limit: Int {
        get { maximum.load(ordering: .relaxed) }
        set { maximum.store(newValue, ordering: .relaxed) }
    }

    /// The places taken now.
    var taken: Int { count.load(ordering: .relaxed) }

    /// Takes a place, which is free again when its last reference is released. Returns nil if all are taken.
    func admit() -> Place? {
        if count.wrappingAdd(1, ordering: .relaxed).newValue <= limit { return Place(self) }
        release()
        return nil
    }

    fileprivate func release() { count.wrappingSubtract(1, ordering: .relaxed) }
}

/// One of the places that a `PlaceCounter` counts.
///
/// Sendable and immutable. The place is freed with its last reference, so no way of ending can forget it or free it
/// twice.
final class Place: Sendable {
    private let counter: PlaceCounter

    fileprivate init(_ counter: PlaceCounter) { self.counter = counter }

    deinit { counter.release() }
}
