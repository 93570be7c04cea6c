// SPDX-License-Identifier: MIT
import Cameras
import TestSupport
import LibEvent
import Synchronization
import Testing

@testable import EvRelay

@Suite struct WorkerInboxTests {
    private let fixture = FrameFixture()
    private let inbox = WorkerInbox()

    @Test func `a newer frame replaces an older one, never the other way round`() throws {
        let older = try fixture.frame(of: .default, sequence: 1)
        let newer = try fixture.frame(of: .default, sequence: 2)
        inbox.put(older)
        inbox.put(newer)
        inbox.put(older)
        let mail = inbox.take()
        #expect(mail.frames.count == 1)
        #expect(mail.frames[.default] === newer)
    }

    @Test func `the same sequence does not replace what waits`() throws {
        let first = try fixture.frame(of: .default, sequence: 1)
        inbox.put(first)
        inbox.put(try fixture.frame(of: .default, sequence: 1))
        #expect(inbox.take().frames[.default] === first)
    }

    @Test func `each camera has its own slot`() throws {
        let (a, b) = (try camera("a"), try camera("b"))
        inbox.put(try fixture.frame(of: a, sequence: 5))
        inbox.put(try fixture.frame(of: b, sequence: 1))
        inbox.put(try fixture.frame(of: b, sequence: 2))
        let mail = inbox.take()
        #expect(mail.frames.mapValues(\.sequence) == [a: 5, b: 2])
    }

    @Test func `what was taken is gone, and an older frame may follow it`() throws {
        inbox.put(try fixture.frame(of: .default, sequence: 2))
        _ = inbox.take()
        #expect(inbox.take().isEmpty)
        inbox.put(try fixture.frame(of: .default, sequence: 1))
        #expect(inbox.take().frames[.default]?.sequence == 1)
    }

    @Test func `a frame that was replaced is released at once`() throws {
        inbox.put(try fixture.frame(of: .default, sequence: 1))
        let one = fixture.ledger.usedBytes
        inbox.put(try fixture.frame(of: .default, sequence: 2))
        #expect(fixture.ledger.usedBytes == one)
        _ = inbox.take()
        #expect(fixture.ledger.usedBytes == 0)
    }

    @Test func `requests are kept until they are taken`() {
        #expect(inbox.take().isEmpty)
        inbox.askToShed()
        inbox.askToDrain()
        let first = inbox.take()
        #expect(first.isShedding && first.isDraining && !first.isStopping && !first.isEmpty)
        inbox.askToStop()
        let second = inbox.take()
        #expect(!second.isShedding && !second.isDraining && second.isStopping)
    }

    /// Counts how often a loop is woken until the inbox tells it to stop.
    private func wakeUps(_ fill: (WorkerInbox) throws -> Void, then more: @escaping () -> Void = {}) throws -> Int {
        let loop = try EventLoop()
        let inbox = inbox
        var count = 0
        let wakeup = try Wakeup(on: loop) {
            count += 1
            if count == 1 { more() }
            if inbox.take().isStopping { loop.stop() }
        }
        try fill(inbox)
        inbox.open(wakeup)
        loop.run()
        inbox.close()
        wakeup.close()
        return count
    }

    @Test func `what came before the worker wakes it once it opens`() throws {
        let count = try wakeUps { inbox in
            inbox.put(try fixture.frame(of: .default, sequence: 1))
            inbox.askToStop()
        }
        #expect(count == 1)
    }

    @Test func `much mail is one wake-up, and mail after it another`() throws {
        let frames = try (1...50).map { try fixture.frame(of: .default, sequence: Int64($0)) }
        let inbox = inbox
        let count = try wakeUps { inbox in
            inbox.askToShed()
        } then: {
            // Whether the first mail is taken by now or not, this mail comes while the loop is awake.
            _ = inbox.take()
            for frame in frames { inbox.put(frame) }
            for frame in frames { inbox.put(frame) }
            inbox.askToDrain()
            inbox.askToStop()
        }
        #expect(count <= 2)
    }

    @Test func `a worker that has gone is woken by nobody`() throws {
        let loop = try EventLoop()
        let wakeup = try Wakeup(on: loop) { Issue.record("woken") }
        inbox.open(wakeup)
        inbox.close()
        inbox.askToStop()
        let timer = try LoopTimer(on: loop, isRepeating: false) { loop.stop() }
        timer.start(after: .milliseconds(20))
        loop.run()
        withExtendedLifetime(timer) { wakeup.close() }
        #expect(inbox.take().isStopping)
    }

    @Test func `many threads put and the newest of each camera arrives`() throws {
        let fixture = FrameFixture(limitBytes: 16 << 20)
        let inbox = inbox
        let names = try (0..<4).map { try camera("c\($0)") }
        let frames = try names.map { id in try (1...500).map { try fixture.frame(of: id, sequence: Int64($0)) } }
        let threads = try frames.map { frames in
            try LoopThread(name: "putter") { for frame in frames { inbox.put(frame) } }
        }
        for thread in threads { thread.join() }
        #expect(inbox.take().frames.mapValues(\.sequence) == Dictionary(uniqueKeysWithValues: names.map { ($0, 500) }))
    }
}
