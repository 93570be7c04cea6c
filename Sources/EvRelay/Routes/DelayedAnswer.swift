// SPDX-License-Identifier: MIT
import LibEvent

/// An answer that is held back, so that whoever tries key after key has to wait for each; then its connection ends.
///
/// Confined to its worker's loop. What the client sends in the meantime stays in the kernel, but for a head's worth.
final class DelayedAnswer: TakenConnectionDelegate, LastingTask {
    private let connection: TakenConnection
    private let response: HTTPResponse
    private let worker: Worker

    init(_ connection: TakenConnection, _ response: HTTPResponse, on worker: Worker) {
        self.connection = connection
        self.response = response
        self.worker = worker
    }

    /// Starts to wait.
    func begin(delay: Duration) {
        connection.delegate = self
        connection.setDeadline(after: delay)
    }

    /// A shutdown waits for nobody who has to wait.
    func beginDraining() { answer() }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {}

    func connectionDrained(_ connection: TakenConnection) {}

    /// A client that only reads from here on still gets its answer, when it has waited for it.
    func connectionReachedEnd(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) { answer() }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) { worker.ended(self) }

    private func answer() {
        worker.ended(self)
        connection.answerAndClose(response)
    }
}
