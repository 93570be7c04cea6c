// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System
import TestSupport

@testable import Cameras

extension FrameFixture {
    /// Publishes a frame through a hub.
    @discardableResult
    func publish(
        to id: CameraID, in hub: CameraHub, by identity: PublisherIdentity? = nil, at now: Instant = moment(0),
        timestampMicroseconds: Int64 = 1_795_370_400_000_000
    ) throws -> Camera.Publication {
        try hub.publish(
            checked(), to: id, by: identity ?? publisher(), from: "here", timestampMicroseconds: timestampMicroseconds,
            now: now)
    }

    /// Publishes a frame to a camera that the test holds itself; nil if the camera is forgotten.
    func publish(
        to camera: Camera, by identity: PublisherIdentity? = nil, _ rules: PublisherLease.Rules = defaultRules,
        at now: Instant = moment(0)
    ) throws -> Camera.Publication? {
        try camera.publish(checked(), by: identity ?? publisher(), rules, timestampMicroseconds: 0, now: now)
    }
}

/// The events of a hub that nobody has looked at yet.
final class EventLog: Sendable {
    private let events = Mutex<[CameraEvent]>([])

    /// Adds an event; to be given to a hub as its observer.
    func add(_ event: CameraEvent) { events.withLock { $0.append(event) } }

    /// Returns the events since the last call.
    func take() -> [CameraEvent] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}
