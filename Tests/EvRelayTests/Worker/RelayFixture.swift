// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport

@testable import EvRelay

extension Relay {
    /// Publishes a frame without a connection.
    func publish(_ jpeg: [UInt8], to name: String) throws -> CameraHub.Receipt {
        let session = try PublishingSession(camera(name), as: publisher(), from: "here", in: hub)
        defer { session.end() }
        let frame = try session.room(bytes: jpeg.count)
        frame.block.fill(from: jpeg)
        return try session.publish(frame)
    }
}
