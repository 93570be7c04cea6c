// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

extension Call {
    /// Answers with every camera that the client may observe or view, as JSON.
    func cameras() -> Admission {
        let summaries = relay.hub.summaries(now: SystemClock.monotonic())
            .filter { grant.allows(anyOf: [.observe, .view], $0.frame.camera) }
        return json(
            JSONText.object { json in
                json.member("server", relay.serverID)
                json.member("version", Version.current)
                json.array("cameras") { list in
                    for summary in summaries { list.element { summary.write(to: &$0) } }
                }
            })
    }

    /// Answers with one camera as JSON.
    func camera(_ id: CameraID) -> Admission {
        guard let summary = relay.hub.summary(of: id, now: SystemClock.monotonic()) else {
            return refuse(.unknownCamera(id))
        }
        return json(JSONText.object { summary.write(to: &$0) })
    }

    /// Answers that the loop is alive, for load balancers and watchdogs.
    func health() -> Admission {
        json(
            JSONText.object { json in
                json.member("status", "ok")
                json.member("server", relay.serverID)
                json.member("version", Version.current)
            })
    }

    /// Answers that requests are welcome, for whatever sends requests here. Refuses while the server shuts down.
    func readiness() -> Admission {
        if relay.isDraining { return refuse(.draining) }
        return json(
            JSONText.object { json in
                json.member("status", "ready")
                json.member("server", relay.serverID)
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
