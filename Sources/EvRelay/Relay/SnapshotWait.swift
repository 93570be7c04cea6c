// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// A snapshot request that waits for a frame newer than the one its client has (`?after=`).
///
/// Confined to its worker's loop. Its list and its connection keep it until it answers or the connection ends. The
/// answer gives the connection back.
final class SnapshotWait: TakenConnectionDelegate {
    private let connection: TakenConnection
    private let after: Int64
    private let grant: Grant
    private let answer: (Outcome) -> HTTPResponse
    private let list: ViewerList

    /// The result of the wait.
    enum Outcome {
        case frame(Frame)
        /// No newer frame arrived in time.
        case none
        /// The right to view has ended.
        case refused(Refusal)
    }

    /// The longest wait, below the minute after which proxies give up.
    static let maxWait = Duration.seconds(25)
    private static let maxPipelinedBytes = 16384

    /// - Parameter answer: makes the response to an outcome.
    init(
        _ connection: TakenConnection, in list: ViewerList, after: Int64, grant: Grant,
        answer: @escaping (Outcome) -> HTTPResponse
    ) {
        self.connection = connection
        self.list = list
        self.after = after
        self.grant = grant
        self.answer = answer
        connection.delegate = self
        connection.purpose = .wait
        connection.setDeadline(after: Self.maxWait)
    }

    /// The grant that the wait depends on.
    var held: HeldGrant { HeldGrant(grant: grant, right: .view, camera: list.camera.id) }

    /// Answers with `frame` if it is newer than the client's.
    func offer(_ frame: Frame) {
        guard frame.sequence > after else { return }
        finish(.frame(frame))
    }

    /// Answers without a frame.
    func finishEmpty() { finish(.none) }

    /// Answers that the right to view has ended.
    func refuse(_ refusal: Refusal) { finish(.refused(refusal)) }

    /// Leaves the list and answers. The connection reports nothing after its answer, so the list is told of the end
    /// once.
    private func finish(_ outcome: Outcome) {
        list.remove(self)
        connection.respond(answer(outcome))
    }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        // The client's next request may have arrived already; it waits for this one's answer.
        if input.count > Self.maxPipelinedBytes { connection.close(.abuse) }
    }

    func connectionDrained(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) { finishEmpty() }

    /// Answers at once: the client may still read, or be gone, and it is not kept for frames that nobody may see.
    func connectionReachedEnd(_ connection: TakenConnection) { finishEmpty() }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) { list.remove(self) }
}
