// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing

@Suite struct LoopTimerTests {
    private let loop: TestLoop

    init() throws {
        loop = try TestLoop()
    }

    @Test func `a timer fires once per start, not before its time`() throws {
        var count = 0
        let start = SystemClock.monotonic()
        var fired: [Duration] = []
        let end = try loop.timer { loop.stop() }
        let timer = try loop.timer {
            count += 1
            fired.append(SystemClock.monotonic() - start)
        }
        timer.start(after: .milliseconds(30))
        end.start(after: .milliseconds(120))
        try loop.run()
        #expect(count == 1)
        // libevent reads the clock once per turn, in steps of the kernel's coarse clock.
        #expect(try #require(fired.first) >= .milliseconds(25))
    }

    @Test func `a repeating timer fires until it is cancelled`() throws {
        var count = 0
        let end = try loop.timer { loop.stop() }
        var timer: LoopTimer?
        timer = try loop.timer(isRepeating: true) {
            count += 1
            guard count == 5 else { return }
            timer?.cancel()
            end.start(after: .milliseconds(60))
        }
        timer?.start(after: .milliseconds(10))
        try loop.run()
        #expect(count == 5)
        timer = nil
    }

    @Test func `a start before the end of the time counts from anew`() throws {
        var isFirstOver = false
        var count = 0
        let late = try loop.timer {
            count += 1
            #expect(isFirstOver)
            loop.stop()
        }
        let again = try loop.timer { late.start(after: .milliseconds(100)) }
        let over = try loop.timer { isFirstOver = true }
        late.start(after: .milliseconds(60))
        again.start(after: .milliseconds(20))
        over.start(after: .milliseconds(80))
        try loop.run()
        #expect(count == 1)
    }

    @Test func `a timer can start itself again`() throws {
        var count = 0
        var timer: LoopTimer?
        timer = try loop.timer {
            count += 1
            if count == 3 { loop.stop() } else { timer?.start(after: .zero) }
        }
        timer?.start(after: .zero)
        try loop.run()
        #expect(count == 3)
        timer = nil
    }

    @Test func `a cancelled timer and one that has gone do not fire`() throws {
        let cancelled = try loop.timer { Issue.record("fired") }
        cancelled.start(after: .milliseconds(10))
        cancelled.cancel()
        cancelled.cancel()
        var gone: LoopTimer? = try LoopTimer(on: loop.loop, isRepeating: true) { Issue.record("fired") }
        gone?.start(after: .milliseconds(10))
        gone = nil
        let end = try loop.timer { loop.stop() }
        end.start(after: .milliseconds(60))
        try loop.run()
    }
}
