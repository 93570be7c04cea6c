// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

/// A snapshot request that waits for a frame newer than the one its client has (`?after=`).
///
/// Confined to its worker's loop. Its worker, its list and its connection keep it until it answers or the connection ends.
/// The answer gives the connection back.
final class SnapshotWait: TakenConnectionDelegate, FrameSink, LastingTask {
    var index = 0
    private let connection: TakenConnection
    private let after: Int64
    private let grant: Grant
    private let answer: (Outcome) -> HTTPResponse
    private let list: CameraOnLoop
    private let worker: Worker

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
        _ connection: TakenConnection, in list: CameraOnLoop, after: Int64, grant: Grant, on worker: Worker,
        answer: @escaping (Outcome) -> HTTPResponse
    ) {
        self.connection = connection
        self.list = list
        self.worker = worker
        self.after = after
        self.grant = grant
        self.answer = answer
    }

    /// Waits from now on. `latest` may be new to the client already.
    func begin(latest: Frame?) {
        connection.delegate = self
        connection.purpose = .wait
        connection.setDeadline(after: Self.maxWait)
        list.add(self, latest: latest)
    }

    /// The grant that the wait depends on.
    var held: HeldGrant? { HeldGrant(grant: grant, right: .view, camera: list.camera.id) }

    var isViewer: Bool { false }

    /// Answers with `frame` if it is newer than the client's.
    func take(_ frame: Frame, now: Instant) -> Instant? {
        if frame.sequence > after { finish(.frame(frame)) }
        return nil
    }

    func beginDraining() { finish(.none) }

    func accessEnded(_ refusal: Refusal) { finish(.refused(refusal)) }

    /// Leaves and answers. The connection reports nothing after its answer, so list and worker are told of the end once.
    private func finish(_ outcome: Outcome) {
        leave()
        connection.respond(answer(outcome))
    }

    private func leave() {
        list.remove(self)
        worker.ended(self)
    }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        // The client's next request may have arrived already; it waits for this one's answer.
        if input.count > Self.maxPipelinedBytes { connection.close(.abuse) }
    }

    func connectionDrained(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) { finish(.none) }

    /// Answers at once: the client may still read, or be gone, and it is not kept for frames that nobody may see.
    func connectionReachedEnd(_ connection: TakenConnection) { finish(.none) }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) { leave() }
}
