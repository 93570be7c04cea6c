// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing

@testable import Cameras

@Suite struct CameraTests {
    private let fixture = FrameFixture()

    private let inboxes = (0..<3).map { _ in FrameInbox(keeping: .latest) }

    private func makeCamera() throws -> Camera {
        Camera(try camera("door"), nowMicroseconds: 1_795_370_400_123_456)
    }

    /// Returns the indices of the inboxes that a frame goes to.
    private func told(_ publication: Camera.Publication) -> Set<Int> {
        Set(publication.inboxes.compactMap { told in inboxes.firstIndex { $0 === told } })
    }

    private static func isJoined(_ joining: Camera.Joining) -> Bool {
        if case .joined = joining { return true }
        return false
    }

    private static func isOffline(_ event: CameraEvent?) -> Bool {
        if case .offline = event { return true }
        return false
    }

    private static func session(_ event: CameraEvent?) throws -> Camera.Session {
        guard case .offline(_, let session) = event else { throw WaitError("the camera is offline") }
        return session
    }

    @Test func `the sequence begins with the milliseconds of the clock and grows by one`() throws {
        let camera = try makeCamera()
        let first = try #require(try fixture.publish(to: camera)).frame
        let second = try #require(try fixture.publish(to: camera)).frame
        #expect(first.sequence == 1_795_370_400_124)
        #expect(second.sequence == 1_795_370_400_125)
        #expect(camera.latest === second)
    }

    @Test func `a camera made later begins above a run of a thousand frames a second`() throws {
        let fixture = FrameFixture(limitBytes: 4 << 20)
        let start: Int64 = 1_795_370_400_000_000
        let earlier = Camera(.default, nowMicroseconds: start)
        for _ in 0..<1000 { _ = try fixture.publish(to: earlier) }
        let later = Camera(.default, nowMicroseconds: start + 1_000_000)
        let next = try #require(try fixture.publish(to: later)).frame
        #expect(next.sequence > (try #require(earlier.latest)).sequence)
    }

    @Test func `a frame keeps what it was published with`() throws {
        let camera = try makeCamera()
        let frame = try #require(try fixture.publish(to: camera, at: moment(4))).frame
        #expect(frame.camera == camera.id)
        #expect(frame.arrived == moment(4))
        #expect(frame.info == FrameFixture.info)
        #expect(frame.jpegBytes == 100)
    }

    @Test func `a frame that was replaced gives its memory back`() throws {
        let camera = try makeCamera()
        _ = try fixture.publish(to: camera)
        let one = fixture.ledger.usedBytes
        #expect(one > 100)
        _ = try fixture.publish(to: camera)
        #expect(fixture.ledger.usedBytes == one)
    }

    @Test func `only loops with somebody waiting are told, each once`() throws {
        let camera = try makeCamera()
        #expect(told(try #require(try fixture.publish(to: camera))) == [])
        _ = camera.join(inboxes[2], maxViewers: 10)
        _ = camera.join(inboxes[0], maxViewers: 10)
        _ = camera.join(inboxes[0], maxViewers: 10)
        let publication = try #require(try fixture.publish(to: camera))
        #expect(told(publication) == [0, 2])
        #expect(publication.viewers == 3)
        camera.leave(inboxes[0], isViewer: true)
        #expect(told(try #require(try fixture.publish(to: camera))) == [0, 2])
        camera.leave(inboxes[0], isViewer: true)
        camera.leave(inboxes[2], isViewer: true)
        #expect(told(try #require(try fixture.publish(to: camera))) == [])
        #expect(camera.viewers == 0)
    }

    @Test func `a waiting snapshot is told of frames and is no viewer`() throws {
        let camera = try makeCamera()
        #expect(Self.isJoined(camera.join(inboxes[1], maxViewers: nil)))
        let publication = try #require(try fixture.publish(to: camera))
        #expect(told(publication) == [1])
        #expect(publication.viewers == 0)
        camera.leave(inboxes[1], isViewer: false)
        #expect(told(try #require(try fixture.publish(to: camera))) == [])
        #expect(camera.viewers == 0)
    }

    @Test func `viewers, who waits, and for three seconds who asked for a snapshot watch a camera`() throws {
        let camera = try makeCamera()
        #expect(try !#require(try fixture.publish(to: camera, at: moment(0))).isWatched)
        #expect(camera.snapshot(now: moment(1)) === camera.latest)
        #expect(try #require(try fixture.publish(to: camera, at: moment(3.999))).isWatched)
        #expect(try !#require(try fixture.publish(to: camera, at: moment(4))).isWatched)
        _ = camera.join(inboxes[2], maxViewers: nil)
        #expect(try #require(try fixture.publish(to: camera, at: moment(5))).isWatched)
        camera.leave(inboxes[2], isViewer: false)
        _ = camera.join(inboxes[2], maxViewers: 1)
        #expect(try #require(try fixture.publish(to: camera, at: moment(6))).isWatched)
    }

    @Test func `the limit of viewers holds over all loops and not for snapshots`() throws {
        let camera = try makeCamera()
        #expect(Self.isJoined(camera.join(inboxes[0], maxViewers: 2)))
        #expect(Self.isJoined(camera.join(inboxes[1], maxViewers: 2)))
        guard case .full = camera.join(inboxes[2], maxViewers: 2) else {
            Issue.record("a third viewer joined")
            return
        }
        #expect(camera.viewers == 2)
        #expect(Self.isJoined(camera.join(inboxes[2], maxViewers: nil)))
        camera.leave(inboxes[0], isViewer: true)
        #expect(Self.isJoined(camera.join(inboxes[2], maxViewers: 2)))
    }

    @Test func `who joins gets the latest frame, or none before the first`() throws {
        let camera = try makeCamera()
        guard case .joined(latest: nil, isFirst: true) = camera.join(inboxes[0], maxViewers: 9) else {
            Issue.record("expected no frame")
            return
        }
        let frame = try #require(try fixture.publish(to: camera)).frame
        guard case .joined(let latest?, isFirst: false) = camera.join(inboxes[0], maxViewers: 9) else {
            Issue.record("expected a frame")
            return
        }
        #expect(latest === frame)
    }

    @Test func `coming alive is told with the first frame and again only after having been stale`() throws {
        let camera = try makeCamera()
        #expect(try #require(try fixture.publish(to: camera, at: moment(0))).cameAlive)
        #expect(try !#require(try fixture.publish(to: camera, at: moment(1))).cameAlive)
        #expect(camera.announce(defaultAges, now: moment(3.9)) == nil)
        #expect(camera.announce(defaultAges, now: moment(4)) == .stale(camera.id))
        #expect(camera.announce(defaultAges, now: moment(5)) == nil)
        #expect(Self.isOffline(camera.announce(defaultAges, now: moment(16))))
        #expect(camera.announce(defaultAges, now: moment(17)) == nil)
        #expect(try #require(try fixture.publish(to: camera, at: moment(20))).cameAlive)
        #expect(camera.announce(defaultAges, now: moment(20)) == nil)
    }

    @Test func `a pause that nobody noticed is no coming alive`() throws {
        let camera = try makeCamera()
        _ = try fixture.publish(to: camera, at: moment(0))
        #expect(try !#require(try fixture.publish(to: camera, at: moment(100))).cameAlive)
    }

    @Test func `without a frame there is nothing to tell`() throws {
        let camera = try makeCamera()
        #expect(camera.summary(defaultAges, now: moment(0)) == nil)
        #expect(camera.announce(defaultAges, now: moment(1000)) == nil)
    }

    @Test func `the summary tells state, age, rate and viewers of the moment`() throws {
        let camera = try makeCamera()
        for number in 0...20 { _ = try fixture.publish(to: camera, at: moment(Double(number) * 0.1)) }
        _ = camera.join(inboxes[0], maxViewers: 9)
        let fresh = try #require(camera.summary(defaultAges, now: moment(2.05)))
        #expect(fresh.state == .live)
        #expect(fresh.age == .milliseconds(50))
        #expect(fresh.viewers == 1)
        #expect(abs(fresh.framesPerSecond - 10) < 0.01)
        #expect(abs(fresh.bytesPerSecond - 1000) < 1)
        #expect(fresh.frame === camera.latest)
        let old = try #require(camera.summary(defaultAges, now: moment(17)))
        #expect(old.state == .offline)
        #expect(old.framesPerSecond < 0.1)
    }

    @Test func `going offline tells what was sent since the camera came alive`() throws {
        let camera = try makeCamera()
        for second in 0..<5 { _ = try fixture.publish(to: camera, at: moment(Double(second))) }
        #expect(camera.announce(defaultAges, now: moment(5)) == nil)
        #expect(camera.announce(defaultAges, now: moment(8)) == .stale(camera.id))
        // A pause does not end the session.
        _ = try fixture.publish(to: camera, at: moment(10))
        let session = try Self.session(camera.announce(defaultAges, now: moment(30)))
        #expect(session.frames == 6)
        #expect(session.bytes == 600)
        #expect(session.duration == .seconds(10))
        #expect(session.began == moment(0))
        _ = try fixture.publish(to: camera, at: moment(40))
        let again = try Self.session(camera.announce(defaultAges, now: moment(60)))
        #expect(again.frames == 1)
        #expect(again.duration == .zero)
        #expect(again.began == moment(40))
    }

    @Test func `a forgotten camera takes neither frames nor viewers`() throws {
        let camera = try makeCamera()
        _ = try fixture.publish(to: camera, at: moment(0))
        #expect(!camera.forgetIfUnused(defaultAges, now: moment(599.9)))
        #expect(Self.isJoined(camera.join(inboxes[0], maxViewers: 9)))
        #expect(!camera.forgetIfUnused(defaultAges, now: moment(1000)))
        camera.leave(inboxes[0], isViewer: true)
        #expect(Self.isJoined(camera.join(inboxes[0], maxViewers: nil)))
        #expect(!camera.forgetIfUnused(defaultAges, now: moment(1000)))
        camera.leave(inboxes[0], isViewer: false)
        #expect(camera.forgetIfUnused(defaultAges, now: moment(1000)))
        #expect(try fixture.publish(to: camera) == nil)
        guard case .forgotten = camera.join(inboxes[0], maxViewers: 9) else {
            Issue.record("somebody joined a forgotten camera")
            return
        }
    }

    @Test func `a camera that never sent is forgotten as soon as nobody waits`() throws {
        let camera = try makeCamera()
        _ = camera.join(inboxes[0], maxViewers: 9)
        #expect(!camera.forgetIfUnused(defaultAges, now: moment(0)))
        camera.leave(inboxes[0], isViewer: true)
        #expect(camera.forgetIfUnused(defaultAges, now: moment(0)))
    }
}
