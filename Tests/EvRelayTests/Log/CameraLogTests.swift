// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

@Suite struct CameraLogTests {
    private let fixture = FrameFixture()
    private let lines = LogLines()

    @Test func `the offline line has the numbers, and the stale one has none`() throws {
        let log = VisitorLog(lines.logger(.info))
        let hub = CameraHub(
            .init(maxCameras: 9, ages: defaultAges, takeover: .replace), ledger: fixture.ledger,
            observers: [{ log.note($0) }])
        let session = try PublishingSession(camera("door"), as: publisher(), from: "192.0.2.7", in: hub)
        defer { session.end() }
        for _ in 0..<2 {
            let frame = try session.room(bytes: JPEGSamples.grey.count)
            frame.block.fill(from: JPEGSamples.grey)
            _ = try session.publish(frame)
        }
        let arrived = try #require(hub.latestFrames.first).arrived
        hub.sweep(now: arrived + .seconds(4))
        hub.sweep(now: arrived + .seconds(20))
        let expected = [
            "<6>camera live camera.id=door frame.bytes=\(JPEGSamples.grey.count)", "<6>camera stale camera.id=door",
            "<6>camera offline bytes=\(2 * JPEGSamples.grey.count) camera.id=door duration.ms=",
        ]
        #expect(lines.all.count == expected.count)
        for (line, beginning) in zip(lines.all, expected) { #expect(line.hasPrefix(beginning)) }
        #expect(lines.all.last?.hasSuffix(" frames=2") == true)
    }
}
