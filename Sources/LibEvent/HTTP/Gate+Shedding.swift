// SPDX-License-Identifier: MIT

// Which connections go when memory is short.
extension Gate {
    /// Ends the connections whose copied answers hold most for longest, until all loops together hold few enough.
    func shedAnswers() {
        guard answers.isExceeded else { return }
        let now = SystemClock.monotonic()
        let holding = connections.values.filter { $0.pending.copiedBytes > 0 }
            .map { (connection: $0, weight: $0.pending.weight(now: now)) }
            .sorted { $0.weight > $1.weight }
        for entry in holding {
            guard answers.excessBytes > 0 else { return }
            entry.connection.close(.answerMemory)
        }
    }

    /// Ends the connections that have waited longest for parts of frames, until frames of `excess` bytes are let go.
    ///
    /// Counted here and not read from the ledger: libevent frees what a closed connection held in a later turn.
    /// - Parameter kept: blocks that stay in memory anyway, so that nothing is gained by ending who waits for them.
    func shedFrames(_ excess: Int, keeping kept: Set<ObjectIdentifier>) {
        var excess = excess
        var counted: Set<ObjectIdentifier> = []
        let holding = connections.values.filter { connection in
            connection.pending.block.map { !kept.contains(ObjectIdentifier($0)) } ?? false
        }
        for connection in holding.sorted(by: { $0.pending.since < $1.pending.since }) {
            guard let block = connection.pending.block else { continue }
            // All who wait for a block must go before it is free.
            if counted.insert(ObjectIdentifier(block)).inserted {
                guard excess > 0 else { return }
                excess -= block.count
            }
            connection.close(.frameMemory)
        }
    }
}
