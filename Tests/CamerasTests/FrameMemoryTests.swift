// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing
import WireFormat

@testable import Cameras

@Suite struct FrameMemoryTests {
    private static let time: Int64 = 1_795_370_400_000_000

    @Test(arguments: [
        (0, false, 0), (500, false, 0), (501, false, 1), (750, false, 250), (751, true, 251), (1000, true, 500),
    ])
    func `memory is short above three quarters, and what is above a half has to go`(
        _ used: Int, _ isShort: Bool, _ aboveTarget: Int
    ) {
        let ledger = ByteLedger(limitBytes: 1000)
        #expect(ledger.reserve(used))
        #expect(FrameMemory.isShort(ledger) == isShort)
        #expect(FrameMemory.bytesAboveTarget(ledger) == aboveTarget)
    }

    @Test func `a frame counts with all that surrounds it until it goes`() throws {
        let ledger = ByteLedger(limitBytes: 10_000)
        var frame = IncomingFrame(byteCount: 5000, countedIn: ledger)
        let held = ledger.usedBytes
        #expect(held > 5000)
        #expect(IncomingFrame(byteCount: 5000, countedIn: ledger) == nil)
        #expect(ledger.usedBytes == held)
        #expect(frame?.isComplete == false)
        #expect(try frame?.finish(timestampMicroseconds: Self.time) == nil)
        frame = nil
        #expect(ledger.usedBytes == 0)
    }

    @Test func `a frame of nothing is complete at once, and refused`() throws {
        let frame = try #require(IncomingFrame(byteCount: 0, countedIn: ByteLedger(limitBytes: 10_000)))
        #expect(frame.isComplete)
        #expect(throws: FrameRefusal.notAJPEG(.empty)) { try frame.finish(timestampMicroseconds: Self.time) }
    }
}
