// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import TestSupport
import Testing

@testable import Cameras

@Suite struct CameraHubTests {
    private let fixture = FrameFixture()

    private func makeRegistry(maxCameras: Int = 2) -> CameraHub {
        CameraHub(loops: 2, maxCameras: maxCameras, status: defaultAges, takeover: .replace)
    }

    private func latest(_ id: CameraID, in registry: CameraHub) -> Frame? {
        registry.summary(of: id, now: moment(0))?.frame
    }

    @Test func `a camera is there from its first frame on`() throws {
        let registry = makeRegistry()
        let door = try camera("door")
        #expect(latest(door, in: registry) == nil)
        #expect(registry.summary(of: door, now: moment(0)) == nil)
        let publication = try #require(try fixture.publish(to: door, in: registry))
        #expect(latest(door, in: registry) === publication.frame)
        #expect(registry.summaries(now: moment(0)).map(\.frame.camera) == [door])
        #expect(try latest(camera("Door"), in: registry) == nil)
    }

    @Test func `a snapshot is of the latest frame, and creates no camera`() throws {
        let registry = makeRegistry(maxCameras: 1)
        #expect(registry.snapshot(of: .default, now: moment(0)) == nil)
        #expect(try fixture.publish(to: camera("other"), in: registry) != nil)
        #expect(registry.snapshot(of: .default, now: moment(0)) == nil)
        let frame = try #require(try fixture.publish(to: camera("other"), in: registry)).frame
        #expect(try registry.snapshot(of: camera("other"), now: moment(0)) === frame)
    }

    @Test func `cameras are told in the order of their names`() throws {
        let registry = makeRegistry(maxCameras: 10)
        for name in ["c", "a", "B", "b"] { _ = try fixture.publish(to: camera(name), in: registry) }
        #expect(registry.summaries(now: moment(0)).map(\.frame.camera.description) == ["B", "a", "b", "c"])
    }

    @Test func `one camera too many is refused and the others go on`() throws {
        let registry = makeRegistry()
        #expect(try fixture.publish(to: camera("a"), in: registry) != nil)
        #expect(try fixture.publish(to: camera("b"), in: registry) != nil)
        #expect(try fixture.publish(to: camera("c"), in: registry) == nil)
        #expect(try latest(camera("c"), in: registry) == nil)
        #expect(try fixture.publish(to: camera("a"), in: registry) != nil)
        #expect(try fixture.publish(to: camera("b"), in: registry) != nil)
    }

    @Test func `cameras that are only waited for take nobody's place`() throws {
        let registry = makeRegistry(maxCameras: 1)
        for number in 0..<5 { #expect(try registry.join(camera("w\(number)"), loop: 0, maxViewers: 9) != nil) }
        #expect(registry.summaries(now: moment(0)).isEmpty)
        #expect(try fixture.publish(to: camera("a"), in: registry) != nil)
        #expect(try fixture.publish(to: camera("w0"), in: registry) == nil)
    }

    @Test func `who joins before the first frame is told of it`() throws {
        let registry = makeRegistry()
        let joined = try #require(registry.join(.default, loop: 1, maxViewers: 9))
        #expect(joined.latest == nil)
        let publication = try #require(try fixture.publish(to: .default, in: registry))
        #expect(publication.interestedLoops == [1])
        #expect(publication.viewers == 1)
        #expect(joined.camera.latest === publication.frame)
    }

    @Test func `the limit of viewers of a camera refuses a viewer`() throws {
        let registry = makeRegistry()
        let first = try #require(registry.join(.default, loop: 0, maxViewers: 1))
        #expect(registry.join(.default, loop: 1, maxViewers: 1) == nil)
        registry.leave(first.camera, loop: 0, isViewer: true)
        #expect(registry.join(.default, loop: 1, maxViewers: 1) != nil)
    }

    @Test func `a camera that never sent is gone when the last who waited leaves`() throws {
        let registry = makeRegistry()
        let first = try #require(registry.join(.default, loop: 0, maxViewers: 9)).camera
        let second = try #require(registry.join(.default, loop: 1, maxViewers: nil)).camera
        #expect(first === second)
        registry.leave(first, loop: 0, isViewer: true)
        #expect(try #require(registry.join(.default, loop: 0, maxViewers: 9)).camera === first)
        registry.leave(first, loop: 0, isViewer: true)
        registry.leave(first, loop: 1, isViewer: false)
        #expect(try #require(registry.join(.default, loop: 0, maxViewers: 9)).camera !== first)
    }

    @Test func `a camera with frames stays when its viewers leave`() throws {
        let registry = makeRegistry()
        let camera = try #require(registry.join(.default, loop: 0, maxViewers: 9)).camera
        let frame = try #require(try fixture.publish(to: .default, in: registry)).frame
        registry.leave(camera, loop: 0, isViewer: true)
        #expect(latest(.default, in: registry) === frame)
    }

    @Test func `the sweep tells each change of state once, and forgets`() throws {
        let registry = makeRegistry()
        _ = try fixture.publish(to: .default, in: registry, at: moment(0))
        #expect(registry.sweep(now: moment(1)).changed.isEmpty)
        #expect(registry.sweep(now: moment(3)).changed.map(\.state) == [.stale])
        #expect(registry.sweep(now: moment(4)).changed.isEmpty)
        #expect(registry.sweep(now: moment(15)).changed.map(\.state) == [.offline])
        #expect(registry.sweep(now: moment(599.9)).forgotten.isEmpty)
        #expect(registry.sweep(now: moment(600)).forgotten == [.default])
        #expect(latest(.default, in: registry) == nil)
        #expect(registry.sweep(now: moment(601)).forgotten.isEmpty)
        #expect(fixture.ledger.usedBytes == 0)
    }

    @Test func `the sweep leaves a watched camera alone`() throws {
        let registry = makeRegistry()
        _ = try fixture.publish(to: .default, in: registry, at: moment(0))
        _ = registry.join(.default, loop: 0, maxViewers: 9)
        #expect(registry.sweep(now: moment(10_000)).forgotten.isEmpty)
        #expect(latest(.default, in: registry) != nil)
    }

    @Test func `the sweep says nothing of a camera that never sent`() throws {
        let registry = makeRegistry()
        _ = registry.join(.default, loop: 0, maxViewers: 9)
        let (changed, forgotten) = registry.sweep(now: moment(10_000))
        #expect(changed.isEmpty)
        #expect(forgotten.isEmpty)
    }

    @Test func `a forgotten camera makes room, and comes back as a new one with a higher sequence`() throws {
        let registry = makeRegistry(maxCameras: 1)
        let start: Int64 = 1_795_370_400_000_000
        let first = try fixture.publish(to: .default, in: registry, timestampMicroseconds: start)
        _ = registry.sweep(now: moment(600))
        #expect(try fixture.publish(to: camera("other"), in: registry, at: moment(600)) != nil)
        #expect(try fixture.publish(to: .default, in: registry, at: moment(600)) == nil)
        _ = registry.sweep(now: moment(1200))
        let second = try fixture.publish(
            to: .default, in: registry, at: moment(1200), timestampMicroseconds: start + 1_200_000_000)
        #expect(try #require(second).frame.sequence > #require(first).frame.sequence)
        #expect(try #require(second).cameAlive)
    }

    @Test func `frames published while others sweep are never lost`() throws {
        // Forgotten at once when unwatched: every publication races with the sweep.
        let status = CameraAges(staleAfter: .zero, offlineAfter: .zero, forgetAfter: .zero)
        let registry = CameraHub(loops: 1, maxCameras: 4, status: status, takeover: .replace)
        let isDone = Atomic<Bool>(false)
        let sweeper = try LoopThread(name: "sweeper") {
            while !isDone.load(ordering: .relaxed) { _ = registry.sweep(now: moment(1)) }
        }
        defer {
            isDone.store(true, ordering: .relaxed)
            sweeper.join()
        }
        for _ in 0..<2000 { #expect(try fixture.publish(to: .default, in: registry) != nil) }
    }

    @Test func `the limit of cameras holds for first frames that come at the same time`() throws {
        let fixture = FrameFixture(limitBytes: 16 << 20)
        for _ in 0..<1000 {
            let registry = makeRegistry(maxCameras: 1)
            let ready = Atomic<Int>(0)
            let publishers = try (0..<2).map { number in
                let id = try camera("c\(number)")
                let frame = try fixture.checked()
                let publisher = try publisher()
                return try LoopThread(name: "publisher") {
                    ready.add(1, ordering: .sequentiallyConsistent)
                    while ready.load(ordering: .sequentiallyConsistent) < 2 {}
                    _ = try? registry.publish(
                        frame, to: id, by: publisher, timestampMicroseconds: 0, now: moment(0))
                }
            }
            for publisher in publishers { publisher.join() }
            try #require(registry.summaries(now: moment(0)).count == 1)
        }
    }
}
