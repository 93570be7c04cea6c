// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Logging
import System
import WireFormat

extension VisitorLog {
    /// Writes the line of a camera's event, if it has one.
    func note(_ event: CameraEvent) {
        switch event {
        case .live(let camera, let info, let bytes):
            note(
                .cameraLive,
                [
                    "camera.id": "\(camera)", "frame.bytes": .stringConvertible(bytes),
                    "frame.width": .stringConvertible(info.width), "frame.height": .stringConvertible(info.height),
                ])
        case .stale(let camera): note(.cameraStale, ["camera.id": "\(camera)"])
        case .offline(let camera, let session):
            note(
                .cameraOffline,
                [
                    "camera.id": "\(camera)", "frames": .stringConvertible(session.frames),
                    "bytes": .stringConvertible(session.bytes),
                    "duration.ms": .stringConvertible(session.duration.wholeMilliseconds),
                ])
        case .forgotten(let camera): note(.cameraForgotten, ["camera.id": "\(camera)"])
        case .takenOver(let camera, let publisher):
            note(.cameraTakenOver, ["camera.id": "\(camera)", "publisher.peer": "\(publisher)"])
        case .trailingBytes(let camera, let count):
            note(.trailingBytes, ["camera.id": "\(camera)", "frame.trailing.bytes": .stringConvertible(count)])
        case .watched, .unwatched: break
        }
    }
}
