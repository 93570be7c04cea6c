// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System
import TestSupport
import Testing

@testable import Cameras

@Suite struct CameraHubTests {
    private let fixture = FrameFixture()

    private let inboxes = (0..<2).map { _ in FrameInbox(keeping: .latest) }
    private let events = EventLog()

    private func makeHub(maxCameras: Int = 2) -> CameraHub {
        CameraHub(
            .init(maxCameras: maxCameras, ages: defaultAges, takeover: .replace), ledger: fixture.ledger,
            observers: [events.add])
    }

    private func latest(_ id: CameraID, in hub: CameraHub) -> Frame? {
        hub.summary(of: id, now: moment(0))?.frame
    }

    @Test func `a camera is there from its first frame on`() throws {
        let hub = makeHub()
        let door = try camera("door")
        #expect(latest(door, in: hub) == nil)
        #expect(hub.summary(of: door, now: moment(0)) == nil)
        let publication = try fixture.publish(to: door, in: hub)
        #expect(latest(door, in: hub) === publication.frame)
        #expect(hub.summaries(now: moment(0)).map(\.frame.camera) == [door])
        #expect(try latest(camera("Door"), in: hub) == nil)
    }

    @Test func `a snapshot is of the latest frame, and creates no camera`() throws {
        let hub = makeHub(maxCameras: 1)
        #expect(hub.snapshot(of: .default, now: moment(0)) == nil)
        try fixture.publish(to: camera("other"), in: hub)
        #expect(hub.snapshot(of: .default, now: moment(0)) == nil)
        let frame = try fixture.publish(to: camera("other"), in: hub).frame
        #expect(try hub.snapshot(of: camera("other"), now: moment(0)) === frame)
    }

    @Test func `cameras are told in the order of their names`() throws {
        let hub = makeHub(maxCameras: 10)
        for name in ["c", "a", "B", "b"] { _ = try fixture.publish(to: camera(name), in: hub) }
        #expect(hub.summaries(now: moment(0)).map(\.frame.camera.description) == ["B", "a", "b", "c"])
    }

    @Test func `one camera too many is refused and the others go on`() throws {
        let hub = makeHub()
        try fixture.publish(to: camera("a"), in: hub)
        try fixture.publish(to: camera("b"), in: hub)
        #expect(throws: FrameRefusal.camerasFull(limit: 2)) { try fixture.publish(to: camera("c"), in: hub) }
        #expect(try latest(camera("c"), in: hub) == nil)
        try fixture.publish(to: camera("a"), in: hub)
        try fixture.publish(to: camera("b"), in: hub)
    }

    @Test func `cameras that are only waited for take nobody's place`() throws {
        let hub = makeHub(maxCameras: 1)
        for number in 0..<5 { #expect(try hub.join(camera("w\(number)"), inboxes[0], maxViewers: 9) != nil) }
        #expect(hub.summaries(now: moment(0)).isEmpty)
        try fixture.publish(to: camera("a"), in: hub)
        #expect(throws: FrameRefusal.camerasFull(limit: 1)) { try fixture.publish(to: camera("w0"), in: hub) }
    }

    @Test func `who joins before the first frame is told of it`() throws {
        let hub = makeHub()
        let joined = try #require(hub.join(.default, inboxes[1], maxViewers: 9))
        #expect(joined.latest == nil)
        let publication = try fixture.publish(to: .default, in: hub)
        #expect(publication.inboxes.count == 1 && publication.inboxes.first === inboxes[1])
        #expect(inboxes[1].take().frames.first === publication.frame)
        #expect(publication.viewers == 1)
        #expect(joined.camera.latest === publication.frame)
    }

    @Test func `the limit of viewers of a camera refuses a viewer`() throws {
        let hub = makeHub()
        let first = try #require(hub.join(.default, inboxes[0], maxViewers: 1))
        #expect(hub.join(.default, inboxes[1], maxViewers: 1) == nil)
        hub.leave(first.camera, inboxes[0], isViewer: true)
        #expect(hub.join(.default, inboxes[1], maxViewers: 1) != nil)
    }

    @Test func `a camera that never sent is gone when the last who waited leaves`() throws {
        let hub = makeHub()
        let first = try #require(hub.join(.default, inboxes[0], maxViewers: 9)).camera
        let second = try #require(hub.join(.default, inboxes[1], maxViewers: nil)).camera
        #expect(first === second)
        hub.leave(first, inboxes[0], isViewer: true)
        #expect(try #require(hub.join(.default, inboxes[0], maxViewers: 9)).camera === first)
        hub.leave(first, inboxes[0], isViewer: true)
        hub.leave(first, inboxes[1], isViewer: false)
        #expect(try #require(hub.join(.default, inboxes[0], maxViewers: 9)).camera !== first)
    }

    @Test func `a camera with frames stays when its viewers leave`() throws {
        let hub = makeHub()
        let camera = try #require(hub.join(.default, inboxes[0], maxViewers: 9)).camera
        let frame = try fixture.publish(to: .default, in: hub).frame
        hub.leave(camera, inboxes[0], isViewer: true)
        #expect(latest(.default, in: hub) === frame)
    }

    @Test func `the sweep tells each change of state once, and forgets`() throws {
        let hub = makeHub()
        _ = try fixture.publish(to: .default, in: hub, at: moment(0))
        #expect(events.take() == [.live(.default, FrameFixture.info, bytes: 100)])
        hub.sweep(now: moment(1))
        #expect(events.take() == [])
        hub.sweep(now: moment(3))
        #expect(events.take() == [.stale(.default)])
        hub.sweep(now: moment(4))
        #expect(events.take() == [])
        hub.sweep(now: moment(15))
        guard case .offline(.default, let session) = events.take().first else { throw WaitError("offline") }
        #expect(session.frames == 1 && session.bytes == 100)
        hub.sweep(now: moment(599.9))
        #expect(events.take() == [])
        hub.sweep(now: moment(600))
        #expect(events.take() == [.forgotten(.default)])
        #expect(latest(.default, in: hub) == nil)
        hub.sweep(now: moment(601))
        #expect(events.take() == [])
        #expect(fixture.ledger.usedBytes == 0)
    }

    @Test func `the sweep leaves a watched camera alone`() throws {
        let hub = makeHub()
        _ = try fixture.publish(to: .default, in: hub, at: moment(0))
        _ = hub.join(.default, inboxes[0], maxViewers: 9)
        hub.sweep(now: moment(10_000))
        #expect(!events.take().contains(.forgotten(.default)))
        #expect(latest(.default, in: hub) != nil)
    }

    @Test func `the sweep says nothing of a camera that never sent`() throws {
        let hub = makeHub()
        _ = hub.join(.default, inboxes[0], maxViewers: 9)
        #expect(events.take() == [.watched(.default)])
        hub.sweep(now: moment(10_000))
        #expect(events.take() == [])
    }

    @Test func `the first who watches and the last who goes are told of`() throws {
        let hub = makeHub()
        let first = try #require(hub.join(.default, inboxes[0], maxViewers: 9)).camera
        #expect(events.take() == [.watched(.default)])
        _ = hub.join(.default, inboxes[0], maxViewers: nil)
        _ = hub.join(.default, inboxes[1], maxViewers: 9)
        hub.leave(first, inboxes[0], isViewer: true)
        hub.leave(first, inboxes[0], isViewer: false)
        #expect(events.take() == [])
        hub.leave(first, inboxes[1], isViewer: true)
        #expect(events.take() == [.unwatched(.default)])
    }

    @Test func `what a publisher causes is told of, with the place it sends from`() throws {
        let hub = makeHub()
        try fixture.publish(to: .default, in: hub, by: publisher("first-one"))
        try fixture.publish(to: .default, in: hub, by: publisher("first-one"), at: moment(1))
        #expect(events.take() == [.live(.default, FrameFixture.info, bytes: 100)])
        try fixture.publish(to: .default, in: hub, by: publisher("second-one"), at: moment(2))
        #expect(events.take() == [.takenOver(.default, by: "here")])
        #expect(hub.received.frames.value == 3 && hub.received.bytes.value == 300)
    }

    @Test func `a forgotten camera makes room, and comes back as a new one with a higher sequence`() throws {
        let hub = makeHub(maxCameras: 1)
        let start: Int64 = 1_795_370_400_000_000
        let first = try fixture.publish(to: .default, in: hub, timestampMicroseconds: start)
        hub.sweep(now: moment(600))
        try fixture.publish(to: camera("other"), in: hub, at: moment(600))
        #expect(throws: FrameRefusal.camerasFull(limit: 1)) {
            try fixture.publish(to: .default, in: hub, at: moment(600))
        }
        hub.sweep(now: moment(1200))
        let second = try fixture.publish(
            to: .default, in: hub, at: moment(1200), timestampMicroseconds: start + 1_200_000_000)
        #expect(second.frame.sequence > first.frame.sequence)
        #expect(second.cameAlive)
    }

    @Test func `frames published while others sweep are never lost`() throws {
        // Forgotten at once when unwatched: every publication races with the sweep.
        let status = CameraAges(staleAfter: .zero, offlineAfter: .zero, forgetAfter: .zero)
        let hub = CameraHub(
            .init(maxCameras: 4, ages: status, takeover: .replace), ledger: fixture.ledger)
        let isDone = Atomic<Bool>(false)
        let sweeper = try LoopThread(name: "sweeper") {
            while !isDone.load(ordering: .relaxed) { hub.sweep(now: moment(1)) }
        }
        defer {
            isDone.store(true, ordering: .relaxed)
            sweeper.join()
        }
        for _ in 0..<2000 { try fixture.publish(to: .default, in: hub) }
    }

    @Test func `the limit of cameras holds for first frames that come at the same time`() throws {
        let fixture = FrameFixture(limitBytes: 16 << 20)
        for _ in 0..<1000 {
            let hub = makeHub(maxCameras: 1)
            let ready = Atomic<Int>(0)
            let publishers = try (0..<2).map { number in
                let id = try camera("c\(number)")
                let frame = try fixture.checked()
                let publisher = try publisher()
                return try LoopThread(name: "publisher") {
                    ready.add(1, ordering: .sequentiallyConsistent)
                    while ready.load(ordering: .sequentiallyConsistent) < 2 {}
                    _ = try? hub.publish(
                        frame, to: id, by: publisher, from: "here", timestampMicroseconds: 0, now: moment(0))
                }
            }
            for publisher in publishers { publisher.join() }
            try #require(hub.summaries(now: moment(0)).count == 1)
        }
    }
}
