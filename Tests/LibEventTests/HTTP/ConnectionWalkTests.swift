// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import LibEvent

/// Random walks of a connection's state: every event in any order, with whatever a peer, a handler and an owner may do.
///
/// A failure names its seed; `EVRELAY_SEED` repeats it.
@Suite struct ConnectionWalkTests {
    private static let seed = SeededGenerator.seedOfRun
    private static let walks = 2_000
    private static let steps = 60

    @Test func `whatever happens, each request is answered once, nobody waits for ever, and each end is the last`() {
        var ends = 0
        for walk in 0..<Self.walks {
            let seed = Self.seed &+ UInt64(walk)
            let connection = DrawnConnection(seed: seed)
            for _ in 0..<Self.steps { connection.step() }
            if connection.closes == 0 { connection.perform(.close(.byServer)) } else { ends += 1 }
            for _ in 0..<5 { connection.step() }
            let faults = connection.faults + (connection.closes == 1 ? [] : ["\(connection.closes) ends"])
            guard faults.isEmpty else {
                Issue.record("seed \(seed) (EVRELAY_SEED=\(Self.seed)): \(faults); \(connection.events)")
                return
            }
        }
        // A walk that never ends by itself would prove little, as would one that always does.
        #expect(ends > Self.walks / 10 && ends < Self.walks)
    }
}
