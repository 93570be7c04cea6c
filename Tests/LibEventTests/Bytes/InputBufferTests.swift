// SPDX-License-Identifier: MIT
import LibEvent
import Testing
import TestSupport

@Suite struct InputBufferTests {
    @Test func `an empty queue shows nothing`() throws {
        let queue = try InputBuffer()
        #expect(queue.count == 0)
        for minimum in [-1, 0, 1, 100] { #expect(queue.front(atLeast: minimum) == []) }
    }

    @Test func `bytes come out in the order they came in`() throws {
        let queue = try InputBuffer()
        queue.append([1, 2, 3])
        queue.append([])
        queue.append([4])
        #expect(queue.count == 4)
        #expect(queue.contents == [1, 2, 3, 4])
        #expect(queue.count == 4)
    }

    @Test func `the front is one piece, and looking at it takes nothing`() throws {
        let queue = try InputBuffer(numbered(0..<3000), numbered(3000..<6000))
        #expect(queue.front() == numbered(0..<3000))
        #expect(queue.front(atLeast: 3000) == numbered(0..<3000))
        #expect(queue.count == 6000)
    }

    @Test func `as many pieces are joined as were asked for`() throws {
        let queue = try InputBuffer(numbered(0..<3000), numbered(3000..<6000), numbered(6000..<9000))
        let joined = queue.front(atLeast: 3001)
        #expect(joined.count >= 3001)
        #expect(joined == numbered(0..<joined.count))
        #expect(queue.contents == numbered(0..<9000))
        #expect(queue.count == 9000)
    }

    @Test func `with fewer bytes than asked for all are shown`() throws {
        let queue = try InputBuffer(numbered(0..<10), numbered(10..<5000))
        #expect(queue.front(atLeast: 1_000_000) == numbered(0..<5000))
        #expect(queue.front(atLeast: .max) == numbered(0..<5000))
    }

    @Test func `the closure's result and its error come through`() throws {
        struct Refused: Error {}
        let queue = try InputBuffer([7, 8])
        #expect(queue.withFront { $0.count } == 2)
        #expect(throws: Refused.self) { try queue.withFront { _ in throw Refused() } }
        #expect(queue.contents == [7, 8])
    }

    @Test func `dropping takes from the front, at most everything`() throws {
        let queue = try InputBuffer(numbered(0..<3000), numbered(3000..<6000))
        queue.drop(0)
        queue.drop(-5)
        #expect(queue.count == 6000)
        queue.drop(2999)
        #expect(queue.contents == numbered(2999..<6000))
        queue.drop(2)
        #expect(queue.contents == numbered(3001..<6000))
        queue.drop(1_000_000)
        #expect(queue.count == 0)
        queue.drop(1)
        queue.append([9])
        #expect(queue.contents == [9])
    }

    @Test func `moving takes from the front of one to the end of the other`() throws {
        let source = try InputBuffer(numbered(0..<3000), numbered(3000..<6000))
        let target = try InputBuffer([255])
        source.move(0, to: target)
        source.move(-5, to: target)
        #expect(target.count == 1)
        source.move(1000, to: target)
        source.move(3000, to: target)
        #expect(source.contents == numbered(4000..<6000))
        source.move(1_000_000, to: target)
        #expect(source.count == 0)
        #expect(target.contents == [255] + numbered(0..<6000))
    }

    @Test func `every cut of a queue into two comes to the same bytes`() throws {
        for cut in 0...300 {
            let source = try InputBuffer(numbered(0..<100), numbered(100..<200), numbered(200..<300))
            let target = try InputBuffer()
            source.move(cut, to: target)
            #expect(target.contents == numbered(0..<cut), "at \(cut)")
            #expect(source.contents == numbered(cut..<300), "at \(cut)")
        }
    }
}
