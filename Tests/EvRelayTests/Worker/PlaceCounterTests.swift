// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System
import Testing

@testable import EvRelay

@Suite struct PlaceCounterTests {
    @Test func `as many as allowed are admitted, and one for each that leaves`() {
        let counter = PlaceCounter(limit: 2)
        var first = counter.admit()
        let second = counter.admit()
        #expect(first != nil && second != nil)
        #expect(counter.admit() == nil)
        #expect(counter.admit() == nil)
        #expect(counter.taken == 2)
        first = nil
        #expect(counter.taken == 1)
        first = counter.admit()
        #expect(first != nil)
        #expect(counter.admit() == nil)
        withExtendedLifetime((first, second)) {}
    }

    @Test func `a place with two owners is free when both have let go of it`() {
        let counter = PlaceCounter(limit: 1)
        var owners = [counter.admit()]
        owners.append(owners[0])
        owners.removeFirst()
        #expect(counter.taken == 1)
        owners.removeAll()
        #expect(counter.taken == 0)
    }

    @Test func `those beyond a lowered limit stay, and nobody is admitted before they have gone`() {
        let counter = PlaceCounter(limit: 3)
        var places = (0..<3).map { _ in counter.admit() }
        counter.limit = 1
        for left in [3, 2, 1] {
            #expect(counter.taken == left)
            #expect(counter.admit() == nil)
            places.removeLast()
        }
        #expect(counter.admit() != nil)
    }

    @Test func `loops that admit at the same time never admit too many`() throws {
        let counter = PlaceCounter(limit: 3)
        let most = Atomic<Int>(0)
        let inside = Atomic<Int>(0)
        let threads = try (0..<4).map { _ in
            try LoopThread(name: "admitter") {
                for _ in 0..<20_000 {
                    guard let place = counter.admit() else { continue }
                    let now = inside.add(1, ordering: .sequentiallyConsistent).newValue
                    most.max(now, ordering: .relaxed)
                    inside.subtract(1, ordering: .sequentiallyConsistent)
                    withExtendedLifetime(place) {}
                }
            }
        }
        for thread in threads { thread.join() }
        #expect((1...3).contains(most.load(ordering: .relaxed)))
        #expect(counter.taken == 0)
    }
}
