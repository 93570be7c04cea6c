// SPDX-License-Identifier: MIT
import Cameras
import TestSupport
import Testing

@testable import EvRelay

@Suite struct CameraLogTests {
    private let fixture = FrameFixture()

    @Test func `the offline line has the numbers, the others have none`() throws {
        let camera = Camera(try camera("door"), loops: 1, nowMicroseconds: 1_795_370_400_000_000)
        let lines = LogLines()
        for second in [0.0, 0.5] { _ = try fixture.publish(to: camera, at: moment(second)) }
        for second in [4.0, 20] {
            try #require(camera.announce(defaultAges, now: moment(second))).write(to: VisitorLog(lines.logger(.info)))
        }
        #expect(
            lines.all == [
                "<6>camera stale camera.id=door", "<6>camera offline bytes=200 camera.id=door duration.ms=500 frames=2",
            ])
    }
}
