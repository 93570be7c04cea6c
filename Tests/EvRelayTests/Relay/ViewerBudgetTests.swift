// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import Testing

@testable import EvRelay

@Suite struct ViewerBudgetTests {
    @Test func `as many viewers as allowed are admitted, and one for each that leaves`() {
        let budget = ViewerBudget(maxViewers: 2)
        #expect(budget.admit())
        #expect(budget.admit())
        #expect(!budget.admit())
        #expect(!budget.admit())
        #expect(budget.viewers == 2)
        budget.release()
        #expect(budget.viewers == 1)
        #expect(budget.admit())
        #expect(!budget.admit())
    }

    @Test func `loops that admit at the same time never admit too many`() throws {
        let budget = ViewerBudget(maxViewers: 3)
        let most = Atomic<Int>(0)
        let inside = Atomic<Int>(0)
        let threads = try (0..<4).map { _ in
            try LoopThread(name: "admitter") {
                for _ in 0..<20_000 where budget.admit() {
                    let now = inside.add(1, ordering: .sequentiallyConsistent).newValue
                    most.max(now, ordering: .relaxed)
                    inside.subtract(1, ordering: .sequentiallyConsistent)
                    budget.release()
                }
            }
        }
        for thread in threads { thread.join() }
        #expect((1...3).contains(most.load(ordering: .relaxed)))
        #expect(budget.viewers == 0)
    }
}
