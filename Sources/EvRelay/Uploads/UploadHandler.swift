// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

/// The answer to an upload.
struct UploadHandler {
    let call: Call

    /// Takes one frame, or a streaming upload. The client's right to publish has been checked.
    func upload(to camera: CameraID) -> Admission {
        if let encoding = call.head.field("content-encoding"), encoding.lowercased() != "identity" {
            return call.refuse(.contentEncoding)
        }
        do throws(Refusal) {
            return try upload(UploadKind(call.head), to: camera)
        } catch {
            return call.refuse(error)
        }
    }

    private func upload(_ kind: UploadKind, to camera: CameraID) throws(Refusal) -> Admission {
        switch kind {
        case .frame: return try frame(of: camera)
        case .stream(let boundary):
            // A single frame is still accepted: its connection was accepted, and the drain waits for it.
            if call.relay.isDraining { return call.refuse(.draining) }
            let session = try session(of: camera, stream: call.relay.hub.makeStreamNumber())
            return call.take(orElse: session.end) { connection in
                var call = call
                call.grant = call.lastingGrant
                let upload = call.worker.add("streaming upload", on: connection) { () throws(SystemError) in
                    try UploadStream(connection, call, in: session, boundary: boundary)
                }
                guard let upload else { return session.end() }
                upload.begin()
            }
        case .unsupported(let type):
            let advice = UploadKind.forgotten.contains(type) ? " With curl: -H 'Content-Type: image/jpeg'." : ""
            return call.refuse(.contentType(type, advice: advice))
        }
    }

    /// Begins the session of the client, which must be ended. Refuses now if the camera belongs to another publisher, so
    /// that no body is sent in vain.
    private func session(of camera: CameraID, stream: UInt64? = nil) throws(Refusal) -> PublishingSession {
        let publisher = try PublisherIdentity(
            call.head, client: call.forwarding.client, credentialDigest: call.grant.credentialDigest, stream: stream)
        do throws(FrameRefusal) {
            return try PublishingSession(camera, as: publisher, from: call.forwarding.client.text, in: call.relay.hub)
        } catch {
            throw Refusal(error)
        }
    }

    private func frame(of camera: CameraID) throws(Refusal) -> Admission {
        guard let length = call.head.contentLength, !call.head.isChunked else {
            return call.refuse(.frameWithoutLength)
        }
        let limit = call.configuration.limits.maxFrameBytes
        guard length <= limit else { return call.refuse(.frameTooLarge(length, limit: limit)) }
        let session = try session(of: camera)
        let frame: IncomingFrame
        do throws(FrameRefusal) {
            frame = try session.room(bytes: length)
        } catch {
            session.end()
            throw Refusal(error)
        }
        let upload = FrameUpload(call, frame: frame, in: session)
        return call.take(orElse: session.end) { connection in upload.begin(on: connection) }
    }

    /// Publishes a complete frame and returns the answer.
    func publish(_ frame: IncomingFrame, in session: PublishingSession) -> HTTPResponse {
        do throws(FrameRefusal) {
            let receipt = try session.publish(frame)
            let json = JSONText.object {
                $0.member("camera", session.camera.description)
                $0.member("sequence", receipt.sequence)
                $0.member("trailing_bytes", receipt.trailingBytes)
                $0.member("viewers", receipt.viewers)
                $0.member("wanted_frames_per_second", receipt.isWatched ? nil : Self.unwatchedFramesPerSecond)
            }
            return HTTPResponse(
                200,
                headers: call.headers + [
                    ("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"),
                ], body: .bytes(json))
        } catch {
            let refusal = Refusal(error)
            call.worker.refused(refusal.reason, peer: call.forwarding.client, isUpload: true)
            return refusal.response(headers: call.headers)
        }
    }

    /// The frames a second that a camera is asked for while nobody watches: enough for a snapshot that is not old.
    private static var unwatchedFramesPerSecond: Int { 1 }
}

/// The kind of upload that its Content-Type announces.
enum UploadKind: Equatable {
    /// One JPEG.
    case frame
    /// Part after part. The boundary is nil if the body's first line gives it.
    case stream(boundary: String?)
    /// Any other type. It must be refused, as a page of another site can send text/plain without a preflight.
    case unsupported(String)

    init(_ head: RequestHead) {
        guard let text = head.field("content-type") else {
            self.init(untyped: head)
            return
        }
        guard let type = MediaType(text) else {
            self = .unsupported(String(text.prefix(80)))
            return
        }
        switch type.essence {
        case "image/jpeg", "image/jpg": self = .frame
        case "multipart/x-mixed-replace": self = .stream(boundary: type["boundary"])
        default: self = .unsupported(String(type.essence.prefix(80)))
        }
    }

    /// Decides about a head without Content-Type. ffmpeg sends no type, and either no length or a chunked body.
    /// GStreamer and `curl -T` PUT a picture without a type, which no page of another site can do without a preflight.
    private init(untyped head: RequestHead) {
        if head.isChunked || head.contentLength == nil {
            self = .stream(boundary: nil)
        } else {
            self = head.method == .put ? .frame : .unsupported(Self.none)
        }
    }

    private static let none = "(none)"

    /// The types that clients give a picture by themselves if nobody has set one.
    static let forgotten: Set<String> = [
        none, "application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream",
    ]
}
