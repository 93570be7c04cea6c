// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System
import TestSupport
import Testing

@Suite struct EventLoopTests {
    @Test func `libevent is at least 2 dot 1 dot 12 and waits with epoll`() throws {
        let parts = EventLoop.libraryVersion.split { $0 == "." || $0 == "-" }.compactMap { Int($0) }
        #expect(parts.count >= 3 && !parts.lexicographicallyPrecedes([2, 1, 12]))
        #expect(try EventLoop().backend == "epoll")
    }

    @Test func `a loop without events runs until it is stopped, and again`() throws {
        let loop = try TestLoop()
        for _ in 0..<3 {
            let timer = try loop.timer { loop.stop() }
            timer.start(after: .milliseconds(5))
            try loop.run()
        }
    }

    @Test func `many loops run on many threads`() throws {
        try together(8) { _ in
            let loop = try TestLoop()
            let wakeup = try loop.wakeup { loop.stop() }
            wakeup.signal()
            try loop.run()
            wakeup.close()
        }
    }

    /// An owner releases its loop and timers in the order of their declaration, so the loop may go first.
    @Test func `what was made on a loop keeps it`() throws {
        weak var loop: EventLoop?
        var kept: [AnyObject] = []
        let makers: [(EventLoop) throws -> AnyObject] = [
            { try LoopTimer(on: $0, isRepeating: true) {} }, { try Wakeup(on: $0) {} },
        ]
        for make in makers {
            do {
                let made = try EventLoop()
                loop = made
                kept.append(try make(made))
            }
            #expect(loop != nil)
            kept.removeAll()
            #expect(loop == nil)
        }
    }

    // MARK: - Wakeup

    @Test func `another thread wakes the loop`() throws {
        let loop = try TestLoop()
        let isThere = Atomic<Bool>(false)
        let wakeup = try loop.wakeup {
            #expect(isThere.load(ordering: .sequentiallyConsistent) == true)
            loop.stop()
        }
        let other = try LoopThread(name: "other") {
            isThere.store(true, ordering: .sequentiallyConsistent)
            wakeup.signal()
        }
        try loop.run()
        other.join()
        wakeup.close()
    }

    @Test func `many signals before the loop looks are one call`() throws {
        let loop = try TestLoop()
        var count = 0
        let wakeup = try loop.wakeup { count += 1 }
        for _ in 0..<1000 { wakeup.signal() }
        let end = try loop.timer { loop.stop() }
        end.start(after: .milliseconds(30))
        try loop.run()
        #expect(count == 1)
        wakeup.signal()
        end.start(after: .milliseconds(30))
        try loop.run()
        #expect(count == 2)
        withExtendedLifetime(end) { wakeup.close() }
    }

    @Test func `a signal from within the call is another call`() throws {
        let loop = try TestLoop()
        var count = 0
        var wakeup: Wakeup?
        wakeup = try loop.wakeup {
            count += 1
            if count < 5 { wakeup?.signal() } else { loop.stop() }
        }
        wakeup?.signal()
        try loop.run()
        #expect(count == 5)
        wakeup?.close()
        wakeup = nil
    }

    @Test func `after close nothing comes, not even what was signalled before`() throws {
        let loop = try TestLoop()
        let wakeup = try loop.wakeup { Issue.record("called") }
        wakeup.signal()
        wakeup.close()
        wakeup.signal()
        wakeup.close()
        let end = try loop.timer { loop.stop() }
        end.start(after: .milliseconds(30))
        try loop.run()
    }

    @Test func `a wakeup may close itself in its call`() throws {
        let loop = try TestLoop()
        var count = 0
        var wakeup: Wakeup?
        wakeup = try loop.wakeup {
            count += 1
            wakeup?.signal()
            wakeup?.close()
            wakeup?.signal()
        }
        wakeup?.signal()
        let end = try loop.timer { loop.stop() }
        end.start(after: .milliseconds(30))
        try loop.run()
        #expect(count == 1)
        wakeup = nil
    }

    @Test func `threads signal while the loop closes`() throws {
        for _ in 0..<50 {
            let loop = try TestLoop()
            let wakeup = try loop.wakeup { loop.stop() }
            let others = try (0..<2).map { _ in
                try LoopThread(name: "other") { for _ in 0..<200 { wakeup.signal() } }
            }
            try loop.run()
            wakeup.close()
            for other in others { other.join() }
        }
    }

    // MARK: - LoopThread

    @Test func `the body runs on a thread of its own that bears the name, cut to 15 bytes`() throws {
        let names = Mutex<[String]>([])
        for name in ["evrelay-loop-0", "a-name-longer-than-fifteen"] {
            let thread = try LoopThread(name: name) {
                let bytes = (try? FileContents.read(path: "/proc/thread-self/comm", maxBytes: 100)) ?? []
                names.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            }
            thread.join()
        }
        #expect(names.withLock { $0 } == ["evrelay-loop-0\n", "a-name-longer-t\n"])
    }

    @Test func `join waits for the end, and a second join for nothing`() throws {
        let isDone = Atomic<Bool>(false)
        let gate = Mutex(())
        let thread = try gate.withLock { _ in
            try LoopThread(name: "body") {
                gate.withLock { _ in }
                isDone.store(true, ordering: .sequentiallyConsistent)
            }
        }
        thread.join()
        #expect(isDone.load(ordering: .sequentiallyConsistent) == true)
        thread.join()
    }

    @Test func `the body and what it holds are released at its end`() throws {
        let ledger = ByteLedger(limitBytes: 10)
        var builder = BlockBuilder(prefixByteCount: 1, bodyByteCount: 0, suffixByteCount: 0, countedIn: ledger)
        var block = builder?.finish(prefix: [1], suffix: [])
        builder = nil
        let thread = try LoopThread(name: "body") { [block] in _ = block }
        block = nil
        thread.join()
        #expect(ledger.usedBytes == 0)
    }
}
