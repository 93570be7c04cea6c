// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing

@testable import RelayLoad

struct FrameStoreTests {
    @Test func `only frames begun after measuring began are measured`() {
        let store = FrameStore(cameras: 2, frameBytes: 500, run: 1)
        #expect(store.latestSequence(camera: 0) == -1)
        let before = store.makeNextFrame(camera: 0)
        store.markSent(camera: 0, at: Instant(nanoseconds: 10))
        #expect(!store.isMeasured(before.identity))
        #expect(store.measuredCount(camera: 0) == 0)

        store.beginMeasuring()
        let after = store.makeNextFrame(camera: 0)
        store.markSent(camera: 0, at: Instant(nanoseconds: 20))
        #expect(after.identity.sequence == 1)
        #expect(store.isMeasured(after.identity))
        #expect(!store.isMeasured(before.identity))
        #expect(store.measuredCount(camera: 0) == 1)
        #expect(store.measuredCount(camera: 1) == 0)
        #expect(store.sendTime(of: before.identity) == Instant(nanoseconds: 10))
        #expect(store.sendTime(of: after.identity) == Instant(nanoseconds: 20))
    }
}
