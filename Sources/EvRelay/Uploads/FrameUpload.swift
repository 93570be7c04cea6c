// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System

/// An upload of a single frame: reads the body into the frame's block, publishes it and answers.
///
/// Confined to its worker's loop. Afterwards the connection waits for its next request. A refusal before the body is
/// complete ends the connection, since the next request could not be found after the unread rest.
final class FrameUpload: TakenConnectionDelegate {
    private let session: PublishingSession
    private let frame: IncomingFrame
    private let call: Call

    /// Creates an upload that has read nothing.
    /// - Parameter session: ended by the upload.
    init(_ call: Call, frame: IncomingFrame, in session: PublishingSession) {
        self.call = call
        self.frame = frame
        self.session = session
    }

    /// Starts to read the body.
    func begin(on connection: TakenConnection) {
        connection.delegate = self
        connection.purpose = .upload
        connection.setDeadline(after: call.configuration.timeouts.body)
        connection.continueIfExpected()
        if frame.isComplete { finish(connection) }
    }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        guard connection.receive(into: frame.block, from: input) else { return }
        if frame.isComplete { finish(connection) }
    }

    func connectionDrained(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) {
        session.end()
        call.worker.refused(Refusal.bodyTooSlow.reason, peer: connection.asker, isUpload: true)
        connection.answerAndClose(Refusal.bodyTooSlow.response(headers: call.headers))
    }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) { session.end() }

    private func finish(_ connection: TakenConnection) {
        defer { session.end() }
        // The right may have ended while the body was on its way.
        let held = HeldGrant(grant: call.lastingGrant, right: .publish, camera: session.camera)
        let now = SystemClock.nowMicroseconds()
        if let refusal = call.worker.access.refusal(of: held, nowMicroseconds: now, call.relay.failures) {
            call.worker.refused(refusal.reason, peer: connection.asker, isUpload: true)
            var response = call.response(to: refusal)
            response.headers.insert(contentsOf: call.headers, at: 0)
            return connection.respond(response)
        }
        connection.respond(UploadHandler(call: call).publish(frame, in: session))
    }
}
