// SPDX-License-Identifier: MIT
import Synchronization
import TestSupport
import Testing

@testable import LibEvent

@Suite struct ConnectionBudgetTests {
    private static func four(_ number: UInt64) -> PeerAddress.Key { .init(high: 0, low: number) }
    private static func six(_ prefix: UInt64) -> PeerAddress.Key { .init(high: prefix, low: .max) }

    @Test func `the total holds over all addresses, unix sockets included`() {
        let budget = ConnectionBudget(maxConnections: 3, maxPerAddress: 10)
        #expect(budget.admit(Self.four(1)) == .admitted)
        #expect(budget.admit(Self.six(1)) == .admitted)
        #expect(!budget.isFull)
        #expect(budget.admit(nil) == .admitted)
        #expect(budget.isFull)
        for key in [Self.four(1), Self.four(2), Self.six(1), nil] { #expect(budget.admit(key) == .full) }
        #expect(budget.openConnections == 3)
    }

    @Test func `each address has its own share`() {
        let budget = ConnectionBudget(maxConnections: 100, maxPerAddress: 2)
        for key in [Self.four(1), Self.four(2), Self.six(1)] {
            #expect(budget.admit(key) == .admitted)
            #expect(budget.admit(key) == .admitted)
            #expect(budget.admit(key) == .tooManyFromAddress)
        }
        #expect(budget.openConnections == 6)
    }

    @Test func `unix sockets have no share`() {
        let budget = ConnectionBudget(maxConnections: 100, maxPerAddress: 1)
        for _ in 0..<50 { #expect(budget.admit(nil) == .admitted) }
    }

    @Test func `close gives the place back, in total and for the address`() {
        let budget = ConnectionBudget(maxConnections: 2, maxPerAddress: 1)
        #expect(budget.admit(Self.four(1)) == .admitted)
        #expect(budget.admit(Self.four(2)) == .admitted)
        budget.close(Self.four(1))
        #expect(budget.openConnections == 1)
        #expect(budget.admit(Self.four(2)) == .tooManyFromAddress)
        #expect(budget.openConnections == 1)
        #expect(budget.admit(Self.four(1)) == .admitted)
        #expect(budget.admit(Self.four(1)) == .full)
        budget.close(Self.four(1))
        budget.close(Self.four(2))
        #expect(budget.openConnections == 0)
        #expect(budget.admit(nil) == .admitted)
        budget.close(nil)
        #expect(budget.openConnections == 0)
    }

    @Test func `a full server counts nothing for the address it refuses`() {
        let budget = ConnectionBudget(maxConnections: 1, maxPerAddress: 1)
        #expect(budget.admit(Self.four(1)) == .admitted)
        #expect(budget.admit(Self.four(2)) == .full)
        budget.close(Self.four(1))
        #expect(budget.admit(Self.four(2)) == .admitted)
    }

    @Test func `limits that are lowered end nobody, and let nobody in until enough have left`() {
        let budget = ConnectionBudget(maxConnections: 4, maxPerAddress: 3)
        for _ in 0..<3 { #expect(budget.admit(Self.four(1)) == .admitted) }
        budget.setLimits(maxConnections: 2, maxPerAddress: 1)
        #expect(budget.maxConnections == 2)
        #expect(budget.maxPerAddress == 1)
        #expect(budget.isFull)
        #expect(budget.openConnections == 3)
        #expect(budget.admit(nil) == .full)
        budget.close(Self.four(1))
        #expect(budget.admit(nil) == .full)
        budget.close(Self.four(1))
        #expect(budget.admit(Self.four(1)) == .tooManyFromAddress)
        #expect(budget.admit(nil) == .admitted)
        budget.setLimits(maxConnections: 10, maxPerAddress: 2)
        #expect(budget.admit(Self.four(1)) == .admitted)
        #expect(budget.admit(Self.four(1)) == .tooManyFromAddress)
        #expect(budget.openConnections == 3)
    }

    @Test func `a client behind a proxy counts for its address and not for the total`() {
        let budget = ConnectionBudget(maxConnections: 1, maxPerAddress: 2)
        #expect(budget.admit(nil) == .admitted)
        #expect(budget.admitAddress(Self.four(1)))
        #expect(budget.admitAddress(Self.four(1)))
        #expect(!budget.admitAddress(Self.four(1)))
        #expect(budget.admitAddress(Self.four(2)))
        #expect(budget.openConnections == 1)
        budget.closeAddress(Self.four(1))
        #expect(budget.admitAddress(Self.four(1)))
    }

    @Test func `loops that admit at the same time keep both limits and lose no place`() throws {
        let budget = ConnectionBudget(maxConnections: 3, maxPerAddress: 2)
        let open = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        try together(4) { number in
            let key = Self.four(UInt64(number % 2))
            for _ in 0..<10_000 where budget.admit(key) == .admitted {
                most.max(open.add(1, ordering: .sequentiallyConsistent).newValue, ordering: .relaxed)
                open.subtract(1, ordering: .sequentiallyConsistent)
                budget.close(key)
            }
        }
        #expect((1...3).contains(most.load(ordering: .relaxed)) == true)
        #expect(budget.openConnections == 0)
        for number in [UInt64(0), 1] {
            #expect(budget.admit(Self.four(number)) == .admitted)
        }
    }
}
