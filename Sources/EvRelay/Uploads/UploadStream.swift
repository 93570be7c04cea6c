// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Logging
import System
import WireFormat

/// A streaming upload: one long request whose multipart body brings frame after frame.
///
/// Confined to its worker's loop. Each part is published when its last byte has arrived; `UploadState` decides what
/// follows. Bytes move from the connection through the chunked coding, if any, into the part under way; they are copied
/// once, into the frame's block.
final class UploadStream: TakenConnectionDelegate, LastingTask {
    private let connection: TakenConnection
    private let session: PublishingSession
    private let call: Call
    private let worker: Worker
    private let limits: Configuration.Limits
    private let timeouts: Configuration.Timeouts
    private let reservation: ByteReservation
    private let isEmpty: Bool
    private var state: UploadState
    private var body: UploadBody
    private var multipart: MultipartReader
    /// Body bytes after removal of their transfer coding, not yet read as multipart.
    private let content: InputBuffer
    /// The bytes of the part under way.
    private let part: InputBuffer
    private let started = SystemClock.monotonic()

    init(
        _ connection: TakenConnection, _ call: Call, in session: PublishingSession, boundary: String?
    ) throws(SystemError) {
        let (head, worker) = (call.head, call.worker)
        self.call = call
        connection.purpose = .upload
        self.connection = connection
        self.session = session
        self.worker = worker
        limits = worker.configuration.limits
        timeouts = worker.configuration.timeouts
        reservation = ByteReservation(in: worker.relay.ledger)
        body = UploadBody(head)
        isEmpty = head.contentLength == 0
        state = UploadState(isTyped: head.has("content-type"))
        multipart = MultipartReader(
            boundary: boundary,
            limits: .init(
                maxPartBytes: limits.maxFrameBytes, maxHeadBytes: limits.maxHeaderBytes,
                maxPreambleBytes: limits.maxHeaderBytes))
        content = try InputBuffer()
        part = try InputBuffer()
    }

    /// Starts to read the body.
    func begin() {
        connection.delegate = self
        connection.continueIfExpected()
        watchNextFrame()
        if isEmpty { perform(state.bodyEnded(isInsidePart: false)) }
    }

    /// Answers as soon as no part is under way.
    func beginDraining() {
        perform(state.beginDraining(isInsidePart: isInsidePart))
    }

    /// The grant that the upload depends on.
    var held: HeldGrant? { HeldGrant(grant: call.grant, right: .publish, camera: session.camera) }

    /// Answers that the right to publish has ended, even in the middle of a part.
    func accessEnded(_ refusal: Refusal) { perform(state.accessEnded(refusal)) }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        do throws(UploadStreamError) {
            // The connection's end is the input's, too.
            while !state.hasEnded, input.count > 0 || content.count > 0 {
                var progress = UploadState.Progress()
                progress.isBodyComplete = try body.move(from: input, to: content)
                progress.isMultipartComplete = try readParts()
                progress.isInsidePart = isInsidePart
                perform(state.read(progress))
                guard !state.hasEnded, body.canMove(input) else { return }
            }
        } catch {
            perform(state.failed(error))
        }
    }

    func connectionDrained(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) {
        perform(state.deadlinePassed(isInsidePart: isInsidePart))
    }

    func connectionReachedEnd(_ connection: TakenConnection) {
        perform(state.peerEnded(isEnd: body.mayEndHere, isInsidePart: isInsidePart))
    }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) {
        state.connectionEnded()
        ended(because: reason.rawValue)
    }

    /// Reads `content` as far as possible. Returns true after the closing delimiter.
    private func readParts() throws(UploadStreamError) -> Bool {
        var minimum = 1
        while true {
            let step = try content.withFront(atLeast: minimum) { (front) throws(UploadStreamError) in
                do throws(MultipartError) { return try multipart.step(front) } catch { throw .multipart(error) }
            }
            minimum = 1
            switch step {
            case .consume(let count): content.drop(count)
            case .take(let count):
                guard reservation.grow(to: part.count + count) else {
                    throw .refused(.frameMemoryFull(limitBytes: worker.relay.ledger.limitBytes))
                }
                content.move(count, to: part)
            case .partComplete: try publishPart()
            case .needMore(let count):
                minimum = max(count, 1)
                guard content.count >= minimum else { return false }
            case .end: return true
            }
        }
    }

    private func publishPart() throws(UploadStreamError) {
        defer { reservation.release() }
        do throws(FrameRefusal) {
            let frame = try session.room(bytes: part.count)
            frame.block.fill(from: part)
            _ = try session.publish(frame)
            state.published()
            watchNextFrame()
        } catch {
            guard state.leavesOut(error) else { throw .refused(error) }
            part.drop(part.count)
            session.skip(because: error)
            worker.metrics.count(Uploads.skippedFrames)
            worker.refused(Refusal(error).reason, peer: connection.asker, isUpload: true)
        }
    }

    /// Restarts the deadline, which runs from one good frame to the next, however many skipped parts come between.
    private func watchNextFrame() { connection.setDeadline(after: timeouts.body) }

    private var isInsidePart: Bool { multipart.isInsidePart || part.count > 0 }

    /// Carries out an action of the state.
    private func perform(_ action: UploadState.Action) {
        switch action {
        case .goOn: break
        case .complete: end(completeAnswer, because: "complete")
        case .refuse(let refusal):
            worker.refused(refusal.reason, peer: connection.asker, isUpload: true)
            tell(refusal)
        case .tell(let refusal): tell(refusal)
        case .cut: connection.close(.byPeer)
        }
    }

    private var completeAnswer: HTTPResponse {
        HTTPResponse(
            200,
            headers: call.headers + [
                ("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"),
            ],
            body: .bytes(
                JSONText.object {
                    $0.member("camera", session.camera.description)
                    $0.member("frames", session.frames)
                    $0.member("skipped", session.skippedFrames)
                    $0.member("sequence", session.lastSequence)
                    $0.member("trailing_bytes", session.trailingBytes)
                }))
    }

    private func tell(_ refusal: Refusal) {
        end(
            refusal.response(headers: call.headers + refusal.challenges(call.head)),
            because: refusal.reason.rawValue)
    }

    /// Sends the answer and ends the connection: after a body that was cut short the next request cannot be found.
    private func end(_ response: HTTPResponse, because reason: String) {
        ended(because: reason)
        connection.answerAndClose(response)
    }

    private func ended(because reason: String) {
        worker.ended(self)
        session.end()
        worker.relay.visitors.note(
            .uploadEnded,
            connection.whom("publisher").merging([
                "camera.id": "\(session.camera)", "reason": "\(reason)",
                "frames": .stringConvertible(session.frames),
                "frames.skipped": .stringConvertible(session.skippedFrames),
                "bytes": .stringConvertible(session.bytes),
                "duration.ms": .stringConvertible((SystemClock.monotonic() - started).wholeMilliseconds),
            ]) { $1 })
    }
}
