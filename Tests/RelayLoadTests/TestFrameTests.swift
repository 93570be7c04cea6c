// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import RelayLoad

struct TestFrameTests {
    private let identity = FrameIdentity(run: 0xFFEE_DDCC_BBAA_9988, camera: 3, sequence: 70_000)

    @Test(arguments: [TestFrame.smallestBytes, TestFrame.smallestBytes + 1, 4096, 40_000])
    func `a frame is a whole JPEG of the size that was asked for`(size: Int) throws {
        let frame = TestFrame(identity, bytes: size)
        #expect(frame.bytes.count == size)
        #expect(
            try JPEG.inspect(frame.bytes.span).info
                == JPEG.Info(width: 640, height: 480, components: 1, isProgressive: false))
    }

    @Test func `a size that is too small gives the smallest frame`() {
        #expect(TestFrame(identity, bytes: 1).bytes.count == TestFrame.smallestBytes)
    }

    @Test func `the identity can be read from the first bytes, and not from fewer`() {
        let bytes = TestFrame(identity, bytes: 1000).bytes
        #expect(TestFrame.identity(in: Array(bytes.prefix(TestFrame.identityBytes))) == identity)
        #expect(TestFrame.identity(in: Array(bytes.prefix(TestFrame.identityBytes - 1))) == nil)
    }

    @Test func `a JPEG of somebody else has no identity`() {
        let other = [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 0, count: 100)
        #expect(TestFrame.identity(in: other) == nil)
    }

    @Test func `the same identity gives the same bytes, another one others all over the scan`() {
        let frame = TestFrame(identity, bytes: 40_000).bytes
        #expect(frame == TestFrame(identity, bytes: 40_000).bytes)
        let next = FrameIdentity(run: identity.run, camera: 3, sequence: 70_001)
        let other = FrameIdentity(run: identity.run, camera: 4, sequence: 70_000)
        for stranger in [next, other] {
            let bytes = TestFrame(stranger, bytes: 40_000).bytes
            for start in stride(from: 1000, to: 39_000, by: 100) {
                #expect(frame[start..<start + 100] != bytes[start..<start + 100])
            }
        }
    }
}
