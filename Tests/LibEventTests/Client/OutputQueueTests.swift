// SPDX-License-Identifier: MIT
import System
import Testing
import TestSupport

@testable import LibEvent

struct OutputQueueTests {
    @Test func `an empty queue has no front, and nothing is dropped from it`() {
        var queue = OutputQueue()
        queue.append([])
        queue.drop(5)
        #expect(queue.isEmpty && queue.front == nil && queue.count == 0)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `bytes leave in the order in which they came`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = OutputQueue()
        var written: [UInt8] = []
        var sent: [UInt8] = []
        for _ in 0..<400 {
            if Int.random(in: 0..<2, using: &random) == 0 {
                let bytes = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                queue.append(bytes)
                written += bytes
            } else if let (bytes, start) = queue.front {
                let count = Int.random(in: 1...bytes.count - start, using: &random)
                sent += bytes[start..<start + count]
                queue.drop(count)
            }
            #expect(queue.count == written.count - sent.count)
        }
        while let (bytes, start) = queue.front {
            sent += bytes[start...]
            queue.drop(bytes.count - start)
        }
        #expect(sent == written)
        #expect(queue.isEmpty)
    }
}
