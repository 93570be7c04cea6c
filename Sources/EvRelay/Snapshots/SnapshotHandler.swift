// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

/// The answer to a request for a single frame.
struct SnapshotHandler {
    let call: Call

    /// Answers with the latest frame as one JPEG; with `?after=`, with a frame newer than that.
    func snapshot(_ camera: CameraID) -> Admission {
        let after: Int64?
        let maxAge: Int64?
        do throws(ParameterError) {
            after = try Parameter.integer("after", in: call.head.query, 0...Int64.max)
            maxAge = try Parameter.integer("max_age", in: call.head.query, 1...86_400_000)
        } catch {
            return call.refuse(Refusal(error))
        }
        let now = SystemClock.monotonic()
        guard let frame = call.relay.hub.snapshot(of: camera, now: now) else {
            return call.refuse(.unknownCamera(camera))
        }
        if let after, frame.sequence <= after, call.head.method == .get, !call.head.hasBody {
            return wait(camera, after)
        }
        if let maxAge {
            let age = (now - frame.arrived).wholeMilliseconds
            guard age <= maxAge else { return call.refuse(.frameTooOld(age: age, maxAge: maxAge)) }
        }
        return call.answer(Self.response(frame, to: call.head))
    }

    private func wait(_ camera: CameraID, _ after: Int64) -> Admission {
        if call.relay.isDraining { return call.refuse(.draining) }
        guard let joined = call.relay.hub.join(camera, call.worker.inbox, maxViewers: nil) else {
            return call.refuse(.unknownCamera(camera))
        }
        func giveBack() { call.worker.relay.hub.leave(joined.camera, call.worker.inbox, isViewer: false) }
        return call.take(orElse: giveBack) { connection in
            let wait = SnapshotWait(
                connection, in: call.worker.list(of: joined.camera), after: after, grant: call.lastingGrant,
                on: call.worker
            ) { outcome in
                var response = response(to: outcome)
                response.headers.insert(contentsOf: call.headers, at: 0)
                return response
            }
            call.worker.add(wait)
            wait.begin(latest: joined.latest)
        }
    }

    private func response(to outcome: SnapshotWait.Outcome) -> HTTPResponse {
        switch outcome {
        case .frame(let frame): return Self.response(frame, to: call.head)
        case .none: return HTTPResponse(204)
        case .refused(let refusal):
            call.worker.refused(refusal.reason, peer: call.forwarding.client, isUpload: false)
            return call.response(to: refusal)
        }
    }

    private static func response(_ frame: Frame, to head: RequestHead) -> HTTPResponse {
        let tag = "\"\(frame.sequence)\""
        let seconds = frame.timestampMicroseconds / 1_000_000
        let micros = String(frame.timestampMicroseconds % 1_000_000)
        let fields = [
            (name: "ETag", value: tag),
            (name: "Last-Modified", value: HTTPDate.format(unixSeconds: seconds)),
            (name: "X-Timestamp", value: "\(seconds).\(String(repeating: "0", count: 6 - micros.count))\(micros)"),
            (name: "X-Frame-Sequence", value: "\(frame.sequence)"),
            (name: "Cache-Control", value: "no-cache"),
        ]
        if isUnmodified(frame, for: head, tag: tag, modified: seconds) { return HTTPResponse(304, headers: fields) }
        return HTTPResponse(
            200, headers: fields + [(name: "Content-Type", value: "image/jpeg")],
            body: .shared(frame.bytes, frame.layout.jpeg))
    }

    /// Returns true if the client has this frame. The tag decides if there is one, otherwise the date (RFC 9110 section
    /// 13.2.2).
    private static func isUnmodified(
        _ frame: Frame, for head: RequestHead, tag: String, modified: Int64
    ) -> Bool {
        if let condition = head.field("if-none-match") { return EntityTag.matches(condition, tag) }
        guard let date = head.field("if-modified-since"), let since = HTTPDate.parse(date) else { return false }
        // A date in the future is another clock's and says nothing about what the client has (section 13.1.3).
        guard since <= SystemClock.nowMicroseconds() / 1_000_000 else { return false }
        // A date is exact to a second, in which a camera sends many frames.
        return modified < since || (modified == since && frame.isFirstOfSecond)
    }
}
