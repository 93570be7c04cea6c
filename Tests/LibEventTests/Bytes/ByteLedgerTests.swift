// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import TestSupport
import Testing

@Suite struct ByteLedgerTests {
    @Test func `bytes are granted up to the limit exactly`() {
        let ledger = ByteLedger(limitBytes: 100)
        #expect(ledger.limitBytes == 100)
        #expect(ledger.usedBytes == 0)
        #expect(ledger.reserve(60))
        #expect(!ledger.reserve(41))
        #expect(ledger.usedBytes == 60)
        #expect(ledger.reserve(40))
        #expect(!ledger.reserve(1))
        #expect(ledger.reserve(0))
        #expect(ledger.usedBytes == 100)
    }

    @Test func `what is released can be had again`() {
        let ledger = ByteLedger(limitBytes: 100)
        #expect(ledger.reserve(100))
        ledger.release(30)
        #expect(ledger.usedBytes == 70)
        #expect(!ledger.reserve(31))
        #expect(ledger.reserve(30))
        ledger.release(100)
        #expect(ledger.usedBytes == 0)
    }

    @Test func `the highest counts what was granted, and begins anew with what is held`() {
        let ledger = ByteLedger(limitBytes: 100)
        #expect(ledger.reserve(60))
        #expect(!ledger.reserve(50))
        ledger.release(40)
        #expect(ledger.highestBytes == 60)
        ledger.restartHighest()
        #expect(ledger.highestBytes == 20)
        #expect(ledger.reserve(10))
        #expect(ledger.highestBytes == 30)
    }

    @Test func `a ledger of nothing grants nothing`() {
        let ledger = ByteLedger(limitBytes: 0)
        #expect(!ledger.reserve(1))
        #expect(ledger.usedBytes == 0)
    }

    @Test func `a limit that is lowered takes nothing away, and grants nothing until enough is given back`() {
        let ledger = ByteLedger(limitBytes: 100)
        #expect(ledger.reserve(80))
        ledger.limitBytes = 50
        #expect(ledger.limitBytes == 50)
        #expect(ledger.usedBytes == 80)
        #expect(!ledger.reserve(1))
        ledger.release(31)
        #expect(ledger.reserve(1))
        #expect(!ledger.reserve(1))
        ledger.limitBytes = 60
        #expect(ledger.reserve(10))
        #expect(ledger.usedBytes == 60)
    }

    @Test func `more than any budget is refused and not counted`() {
        let ledger = ByteLedger(limitBytes: 100)
        #expect(!ledger.reserve(.max))
        #expect(ledger.usedBytes == 0)
    }

    @Test func `more than any budget is refused also when something is held`() {
        let ledger = ByteLedger(limitBytes: 100)
        #expect(ledger.reserve(10))
        #expect(!ledger.reserve(.max))
        #expect(ledger.usedBytes == 10)
    }

    @Test func `threads that reserve at the same time never hold more than the limit`() throws {
        let ledger = ByteLedger(limitBytes: 300)
        let held = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        try together(4) { _ in
            for _ in 0..<20_000 where ledger.reserve(100) {
                most.max(held.add(100, ordering: .sequentiallyConsistent).newValue, ordering: .relaxed)
                held.subtract(100, ordering: .sequentiallyConsistent)
                ledger.release(100)
            }
        }
        #expect((100...300).contains(most.load(ordering: .relaxed)))
        #expect(ledger.usedBytes == 0)
    }

    // MARK: - ByteReservation

    @Test func `a reservation grows to what is needed, once`() {
        let ledger = ByteLedger(limitBytes: 100)
        let reservation = ByteReservation(in: ledger)
        #expect(reservation.heldBytes == 0)
        #expect(reservation.grow(to: 40))
        #expect(reservation.grow(to: 40))
        #expect(reservation.grow(to: 10))
        #expect(reservation.heldBytes == 40)
        #expect(ledger.usedBytes == 40)
        #expect(reservation.grow(to: 100))
        #expect(ledger.usedBytes == 100)
    }

    @Test func `a reservation that cannot grow keeps what it has`() {
        let ledger = ByteLedger(limitBytes: 100)
        let first = ByteReservation(in: ledger)
        let second = ByteReservation(in: ledger)
        #expect(first.grow(to: 60))
        #expect(!second.grow(to: 41))
        #expect(second.heldBytes == 0)
        #expect(!first.grow(to: 101))
        #expect(first.heldBytes == 60)
        #expect(ledger.usedBytes == 60)
    }

    @Test func `a reservation that goes gives everything back`() {
        let ledger = ByteLedger(limitBytes: 100)
        var reservation: ByteReservation? = ByteReservation(in: ledger)
        #expect(reservation?.grow(to: 70) == true)
        #expect(ledger.usedBytes == 70)
        reservation = nil
        #expect(ledger.usedBytes == 0)
    }
}
