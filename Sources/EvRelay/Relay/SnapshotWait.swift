// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// A snapshot request that waits for a frame newer than one its client has (`?after=`).
///
/// Confined to its worker's loop. Its list and its connection keep it until it answers or the connection ends; the
/// connection is given back with the answer.
final class SnapshotWait: TakenConnectionDelegate {
    private let connection: TakenConnection
    private let after: Int64
    private let grant: Grant
    private let answer: (Outcome) -> HTTPResponse
    private let list: ViewerList

    /// What came of the wait.
    enum Outcome {
        case frame(Frame)
        /// No newer frame came in time.
        case none
        /// The right to view has ended.
        case refused(ErrorAnswer)
    }

    /// Longest wait: below the minute after which proxies give up.
    static let maxWait = Duration.seconds(25)
    private static let maxPipelinedBytes = 16384

    /// - Parameter answer: makes the response.
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

    /// The right the wait lives by.
    var held: HeldGrant { HeldGrant(grant: grant, right: .view, camera: list.camera.id) }

    /// Answers if the frame is new to the client.
    func offer(_ frame: Frame) {
        guard frame.sequence > after else { return }
        finish(.frame(frame))
    }

    /// Answers without a frame.
    func finishEmpty() { finish(.none) }

    /// Answers that the right to view has ended.
    func refuse(_ refusal: ErrorAnswer) { finish(.refused(refusal)) }

    /// The connection tells nothing more once it has its answer, so that the list hears of the end once.
    private func finish(_ outcome: Outcome) {
        list.remove(self)
        connection.respond(answer(outcome))
    }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        // The client's next request may be here already; it waits for this one's answer.
        if input.count > Self.maxPipelinedBytes { connection.close(.abuse) }
    }

    func connectionDrained(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) { finishEmpty() }

    /// The client may still read, or be gone: it is answered now, and not kept for frames that nobody may see.
    func connectionReachedEnd(_ connection: TakenConnection) { finishEmpty() }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) { list.remove(self) }
}
