// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing

@testable import RelayLoad

struct FrameCheckerTests {
    private let store = FrameStore(cameras: 2, frameBytes: 2000, run: 42)

    /// Returns the verdict of a viewer of camera 0 on these bytes, given in pieces of `step`.
    private func verdict(_ bytes: [UInt8], declared: Int? = nil, step: Int = 300) -> FrameChecker.Verdict {
        var checker = FrameChecker(camera: 0)
        checker.begin(jpegBytes: declared ?? bytes.count)
        for start in stride(from: 0, to: bytes.count, by: step) {
            checker.check(Array(bytes[start..<min(bytes.count, start + step)]).span, against: store)
        }
        return checker.verdict()
    }

    @Test(arguments: [1, 7, TestFrame.identityBytes, 300, 5000])
    func `a frame as it was sent is intact however it is cut`(step: Int) {
        let frame = store.makeNextFrame(camera: 0)
        #expect(verdict(frame.bytes, step: step) == .intact(frame.identity))
    }

    @Test func `a frame with any byte changed behind its identity is torn`() {
        let frame = store.makeNextFrame(camera: 0).bytes
        for index in TestFrame.identityBytes..<frame.count {
            var changed = frame
            changed[index] ^= 1
            #expect(verdict(changed) == .torn)
        }
    }

    @Test func `a frame with a byte of its identity changed is never taken for itself`() {
        let frame = store.makeNextFrame(camera: 0)
        for index in 0..<TestFrame.identityBytes {
            var changed = frame.bytes
            changed[index] ^= 1
            #expect(verdict(changed) != .intact(frame.identity))
        }
    }

    @Test func `a frame that is too short or too long is torn`() {
        let frame = store.makeNextFrame(camera: 0).bytes
        #expect(verdict(Array(frame.dropLast())) == .torn)
        #expect(verdict(frame + [0]) == .torn)
        #expect(verdict(Array(frame.dropLast()), declared: frame.count) == .torn)
        #expect(verdict(frame + [0], declared: frame.count) == .torn)
    }

    @Test func `a whole frame of another camera is mixed, half of one is torn`() {
        let own = store.makeNextFrame(camera: 0).bytes
        let other = store.makeNextFrame(camera: 1).bytes
        #expect(verdict(other) == .mixed)
        #expect(verdict(Array(own[..<1000]) + other[1000...]) == .torn)
    }

    @Test func `bytes that are no frame of ours are unknown`() {
        #expect(verdict([]) == .unknown)
        #expect(verdict(Array(store.makeNextFrame(camera: 0).bytes.prefix(TestFrame.identityBytes - 1))) == .unknown)
        #expect(verdict([UInt8](repeating: 0xFF, count: 2000)) == .unknown)
    }

    @Test func `an old frame and one of an earlier run are checked too`() {
        let old = store.makeNextFrame(camera: 0)
        for _ in 0..<100 {
            store.markSent(camera: 0, at: Instant(nanoseconds: 0))
            _ = store.makeNextFrame(camera: 0)
        }
        #expect(verdict(old.bytes) == .intact(old.identity))
        let earlier = TestFrame(FrameIdentity(run: 41, camera: 0, sequence: 5), bytes: 3000)
        #expect(verdict(earlier.bytes) == .intact(earlier.identity))
        #expect(store.sendTime(of: earlier.identity) == nil)
    }
}
