// SPDX-License-Identifier: MIT
import System

// Ending connections when memory is short.
extension Gate {
    /// Ends the connections with the greatest weight (bytes of copied answers times their waiting time), until all
    /// loops together hold few enough.
    func shedAnswers() {
        guard answers.isExceeded else { return }
        let now = SystemClock.monotonic()
        let holding = connections.values.filter { $0.output.pending.copiedBytes > 0 }
            .map { (connection: $0, weight: $0.output.pending.weight(now: now)) }
            .sorted { $0.weight > $1.weight }
        for entry in holding {
            guard answers.excessBytes > 0 else { return }
            entry.connection.close(.answerMemory)
        }
    }

    /// Ends the connections that have waited longest for parts of frames, until frames of `excess` bytes are released.
    ///
    /// Counts the released bytes itself and does not read the ledger: libevent frees the bytes of a closed connection
    /// in a later turn.
    /// - Parameter kept: blocks that stay in memory anyway; ending the connections that wait for them would gain
    ///   nothing.
    func shedFrames(_ excess: Int, keeping kept: Set<ObjectIdentifier>) {
        var excess = excess
        var counted: Set<ObjectIdentifier> = []
        let holding = connections.values.filter { connection in
            connection.output.pending.block.map { !kept.contains(ObjectIdentifier($0)) } ?? false
        }
        for connection in holding.sorted(by: { $0.output.pending.since < $1.output.pending.since }) {
            guard let block = connection.output.pending.block else { continue }
            // A block is free only after every connection that waits for it has ended.
            if counted.insert(ObjectIdentifier(block)).inserted {
                guard excess > 0 else { return }
                excess -= block.count
            }
            connection.close(.frameMemory)
        }
    }
}
