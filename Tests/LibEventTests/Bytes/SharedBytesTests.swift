// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@testable import LibEvent

@Suite struct SharedBytesTests {
    private let ledger = ByteLedger(limitBytes: 1 << 20)

    private func block(_ bytes: [UInt8]) throws -> SharedBytes {
        let builder = try #require(
            BlockBuilder(prefixByteCount: 0, bodyByteCount: bytes.count, suffixByteCount: 0, countedIn: ledger))
        builder.fill(from: try InputBuffer(bytes))
        return try #require(builder.finish(prefix: [], suffix: []))
    }

    @Test func `any part can be read`() throws {
        let block = try block(numbered(0..<200))
        for range in [0..<200, 0..<0, 200..<200, 0..<1, 199..<200, 50..<60] {
            let part = block.withSpan(range) { span in span.indices.map { span[$0] } }
            #expect(part == numbered(range))
        }
    }

    @Test func `an error of the closure comes through`() throws {
        struct Refused: Error {}
        let block = try block([1])
        #expect(throws: Refused.self) { try block.withSpan(0..<1) { _ in throw Refused() } }
    }

    @Test func `a part outside the block ends the process instead of being read`() async {
        await #expect(processExitsWith: .failure) {
            let ledger = ByteLedger(limitBytes: 100)
            let builder = BlockBuilder(prefixByteCount: 1, bodyByteCount: 0, suffixByteCount: 0, countedIn: ledger)
            let block = try #require(builder?.finish(prefix: [1], suffix: []))
            block.withSpan(0..<2) { _ = $0.count }
        }
    }

    @Test func `queues own the block until their bytes are out`() throws {
        var block: SharedBytes? = try block(numbered(0..<200))
        let (one, other) = (try InputBuffer(), try InputBuffer())
        unsafe block?.append(0..<200, to: one.buffer)
        unsafe block?.append(50..<100, to: other.buffer)
        block = nil
        #expect(ledger.usedBytes == 200)
        #expect(one.contents == numbered(0..<200))
        one.drop(199)
        #expect(ledger.usedBytes == 200)
        one.drop(1)
        #expect(ledger.usedBytes == 200)
        #expect(other.contents == numbered(50..<100))
        other.drop(50)
        #expect(ledger.usedBytes == 0)
    }

    @Test func `a queue that goes lets go of its blocks`() throws {
        var queue: InputBuffer? = try InputBuffer()
        let first = try block(numbered(0..<100))
        if let queue { unsafe first.append(0..<100, to: queue.buffer) }
        if let queue { unsafe try block(numbered(0..<50)).append(0..<50, to: queue.buffer) }
        #expect(ledger.usedBytes == 150)
        queue = nil
        #expect(ledger.usedBytes == 100)
        #expect(first.count == 100)
    }

    @Test func `an empty part pins nothing`() throws {
        let queue = try InputBuffer()
        unsafe try block([1, 2, 3]).append(1..<1, to: queue.buffer)
        #expect(ledger.usedBytes == 0)
        #expect(queue.count == 0)
    }

    @Test func `threads read and let go at the same time`() throws {
        let bytes = numbered(0..<5000)
        for _ in 0..<50 {
            let block = try block(bytes)
            try together(4) { _ in
                let isSame = block.withSpan(0..<5000) { haveEqualBytes($0, bytes.span) }
                guard isSame else { throw WaitError("the same bytes on every thread") }
            }
        }
        #expect(ledger.usedBytes == 0)
    }
}
