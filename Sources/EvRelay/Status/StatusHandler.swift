// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

/// The answers to programs that ask for the relay's state.
struct StatusHandler {
    let call: Call

    /// Answers with every camera that the client may observe or view, as JSON.
    func cameras() -> Admission {
        let summaries = call.relay.hub.summaries(now: SystemClock.monotonic())
            .filter { call.grant.allows(anyOf: [.observe, .view], $0.frame.camera) }
        return call.json(
            JSONText.object { json in
                json.member("server", call.relay.serverID)
                json.member("version", Version.current)
                json.array("cameras") { list in
                    for summary in summaries { list.element { summary.write(to: &$0) } }
                }
            })
    }

    /// Answers with one camera as JSON.
    func camera(_ id: CameraID) -> Admission {
        guard let summary = call.relay.hub.summary(of: id, now: SystemClock.monotonic()) else {
            return call.refuse(.unknownCamera(id))
        }
        return call.json(JSONText.object { summary.write(to: &$0) })
    }

    /// Answers with the metrics that Prometheus scrapes.
    func metrics() -> Admission {
        let moment = MetricsMoment(call.relay, now: SystemClock.monotonic()) { call.grant.allows(.observe, $0) }
        return call.answer(
            HTTPResponse(
                200, headers: [("Content-Type", MetricsText.contentType), ("Cache-Control", "no-store")],
                body: .bytes(moment.text())))
    }

    /// Answers that the loop is alive, for load balancers and watchdogs.
    func health() -> Admission {
        call.json(
            JSONText.object { json in
                json.member("status", "ok")
                json.member("server", call.relay.serverID)
                json.member("version", Version.current)
            })
    }

    /// Answers that requests are welcome, for whatever sends requests here. Refuses while the server shuts down.
    func readiness() -> Admission {
        if call.relay.isDraining { return call.refuse(.draining) }
        return call.json(
            JSONText.object { json in
                json.member("status", "ready")
                json.member("server", call.relay.serverID)
                json.member("version", Version.current)
            })
    }
}

extension CameraSummary {
    /// Writes the members that `docs/protocol.md` describes.
    fileprivate func write(to json: inout JSONText) {
        json.member("name", frame.camera.description)
        json.member("state", state.rawValue)
        json.member("sequence", frame.sequence)
        json.member("width", frame.info.width)
        json.member("height", frame.info.height)
        json.member("frame_bytes", frame.jpegBytes)
        json.member("frames_per_second", framesPerSecond, decimals: 1)
        json.member("bytes_per_second", Int64(bytesPerSecond))
        json.member("viewers", viewers)
        json.member("last_frame_at", HTTPDate.iso8601Milliseconds(microseconds: frame.timestampMicroseconds))
        json.member("age_ms", age.wholeMilliseconds)
    }
}
