// SPDX-License-Identifier: MIT
import LibEvent

/// An answer that is held back, so that a client that tries key after key has to wait for each. Then its connection
/// ends.
///
/// Confined to its worker's loop. Bytes that the client sends in the meantime stay in the kernel, except for a head's
/// worth.
final class DelayedAnswer: TakenConnectionDelegate, LastingTask {
    private let connection: TakenConnection
    private let response: HTTPResponse
    private let worker: Worker

    init(_ connection: TakenConnection, _ response: HTTPResponse, on worker: Worker) {
        self.connection = connection
        self.response = response
        self.worker = worker
    }

    /// Starts the delay.
    func begin(delay: Duration) {
        connection.delegate = self
        connection.setDeadline(after: delay)
    }

    /// Answers at once: a shutdown does not wait for a delay.
    func beginDraining() { answer() }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {}

    func connectionDrained(_ connection: TakenConnection) {}

    /// Keeps the connection: a client that only reads from here on still gets its answer after the delay.
    func connectionReachedEnd(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) { answer() }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) { worker.ended(self) }

    private func answer() {
        worker.ended(self)
        connection.answerAndClose(response)
    }
}
