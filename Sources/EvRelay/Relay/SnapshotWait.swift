// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// A snapshot request that waits for a frame newer than one its client has (`?after=`).
///
/// Confined to its worker's loop. The connection was taken over, because a request that evhttp holds unanswered does
/// not notice that its client has gone; it is given back with the answer.
final class SnapshotWait: TakenConnectionDelegate {
    private let connection: TakenConnection
    private let after: Int64
    private let answer: (Frame?) -> HTTPResponse
    private unowned let list: ViewerList

    /// Longest wait: below the minute after which proxies give up.
    static let maxWait = Duration.seconds(25)
    private static let maxPipelinedBytes = 16384

    /// - Parameter answer: makes the response; its argument is nil if no newer frame came in time.
    init(
        _ connection: TakenConnection, in list: ViewerList, after: Int64, answer: @escaping (Frame?) -> HTTPResponse
    ) {
        self.connection = connection
        self.list = list
        self.after = after
        self.answer = answer
        connection.delegate = self
        connection.purpose = .wait
        connection.setDeadline(after: Self.maxWait)
    }

    /// Answers if the frame is new to the client.
    func offer(_ frame: Frame) {
        guard frame.sequence > after else { return }
        finish(frame)
    }

    /// Answers without a frame.
    func finishEmpty() { finish(nil) }

    private func finish(_ frame: Frame?) {
        list.remove(self)
        connection.respond(answer(frame))
    }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        // The client's next request may be here already; it waits for this one's answer.
        if input.count > Self.maxPipelinedBytes { connection.close(.abuse) }
    }

    func connectionDrained(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) { finishEmpty() }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) { list.remove(self) }
}
