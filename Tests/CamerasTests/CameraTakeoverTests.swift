// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing

@testable import Cameras

@Suite struct CameraTakeoverTests {
    private let fixture = FrameFixture()

    private func makeCamera() -> Camera { Camera(.default, nowMicroseconds: 1_795_370_400_123_456) }

    @Test func `a takeover is told with its frame, and counted`() throws {
        let camera = makeCamera()
        let first = try #require(try fixture.publish(to: camera, by: publisher("first-one")))
        #expect(!first.isTakeover)
        let second = try #require(try fixture.publish(to: camera, by: publisher("second-one")))
        #expect(second.isTakeover)
        #expect(try !#require(try fixture.publish(to: camera, by: publisher("second-one"))).isTakeover)
        #expect(camera.traffic.takeovers.value == 1)
    }

    @Test func `a frame that is refused changes nothing and keeps no memory`() throws {
        let camera = makeCamera()
        _ = try fixture.publish(to: camera, by: publisher("first-one"))
        let frame = try #require(try fixture.publish(to: camera, by: publisher("second-one"))).frame
        let used = fixture.ledger.usedBytes
        #expect(throws: FrameRefusal.takenOver) { try fixture.publish(to: camera, by: publisher("first-one")) }
        #expect(throws: FrameRefusal.taken(retryAfterSeconds: 3)) {
            try fixture.publish(to: camera, by: publisher("third-one"), refusingRules)
        }
        #expect(camera.latest === frame)
        #expect(camera.traffic.received.frames.value == 2)
        #expect(camera.traffic.takeovers.value == 1)
        #expect(fixture.ledger.usedBytes == used)
        let next = try #require(try fixture.publish(to: camera, by: publisher("second-one"))).frame
        #expect(next.sequence == frame.sequence + 1)
    }

    @Test func `a camera can be asked before, and a stream that ends gives it back`() throws {
        let camera = makeCamera()
        let (stream, other) = try (publisher("first-one", stream: 1), publisher("second-one"))
        #expect(camera.refusal(of: other, refusingRules, now: moment(0)) == nil)
        _ = try fixture.publish(to: camera, by: stream)
        #expect(camera.refusal(of: other, refusingRules, now: moment(0)) == .taken(retryAfterSeconds: 3))
        #expect(camera.refusal(of: other, defaultRules, now: moment(0)) == nil)
        #expect(camera.refusal(of: stream, refusingRules, now: moment(0)) == nil)
        camera.ended(stream)
        #expect(camera.refusal(of: other, refusingRules, now: moment(0)) == nil)
    }

    @Test func `a camera of the process before has no publisher until its next frame`() throws {
        let camera = makeCamera()
        #expect(camera.restore(try fixture.frame(of: .default, sequence: 7), defaultAges, now: moment(0)))
        for id in ["first-one", "second-one"] {
            #expect(camera.refusal(of: try publisher(id), refusingRules, now: moment(0)) == nil)
        }
        let publication = try #require(try fixture.publish(to: camera, by: publisher("first-one"), refusingRules))
        #expect(!publication.isTakeover)
        #expect(camera.refusal(of: try publisher("second-one"), refusingRules, now: moment(0)) != nil)
    }

    @Test func `a hub has one rule for all its cameras, which a reload changes`() throws {
        let hub = CameraHub(.init(maxCameras: 2, ages: defaultAges, takeover: .refuse), ledger: fixture.ledger)
        let (door, other) = try (camera("door"), publisher("second-one"))
        #expect(hub.refusal(of: other, to: door, now: moment(0)) == nil)
        try fixture.publish(to: door, in: hub, by: publisher("first-one"))
        #expect(hub.refusal(of: other, to: door, now: moment(0)) == .taken(retryAfterSeconds: 3))
        #expect(throws: FrameRefusal.taken(retryAfterSeconds: 3)) {
            try fixture.publish(to: door, in: hub, by: other)
        }
        hub.settings.ages = CameraAges(
            staleAfter: .seconds(9), offlineAfter: .seconds(15), forgetAfter: .seconds(600))
        #expect(hub.refusal(of: other, to: door, now: moment(0)) == .taken(retryAfterSeconds: 9))
        hub.settings = .init(maxCameras: 2, ages: defaultAges, takeover: .replace)
        #expect(try fixture.publish(to: door, in: hub, by: other).isTakeover)
    }
}
