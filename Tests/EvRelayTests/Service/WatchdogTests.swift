// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct WatchdogTests {
    @Test func `before the first question nobody can be late`() {
        var watchdog = Watchdog()
        #expect(watchdog.turn(answers: [0, 0]) == .init(isAlive: true, silent: [], question: 1))
    }

    @Test func `as long as every loop answers the last question all is well`() {
        var watchdog = Watchdog()
        var question = 0
        for turn in 1...10 {
            let result = watchdog.turn(answers: [question, question, question])
            #expect(result.isAlive)
            #expect(result.question == turn)
            question = result.question
        }
    }

    @Test func `loops that do not answer are named, until they do`() {
        var watchdog = Watchdog()
        _ = watchdog.turn(answers: [0, 0, 0])
        #expect(watchdog.turn(answers: [1, 0, 0]) == .init(isAlive: false, silent: [1, 2], question: 2))
        // An answer to an older question does not count.
        #expect(watchdog.turn(answers: [2, 1, 2]) == .init(isAlive: false, silent: [1], question: 3))
        #expect(watchdog.turn(answers: [3, 3, 3]) == .init(isAlive: true, silent: [], question: 4))
    }

    @Test func `one turn missed is not yet the end`() {
        #expect(Watchdog.turnsPerInterval > 2)
    }
}
