// SPDX-License-Identifier: MIT
import Cameras
import Testing
import WireFormat

@testable import EvRelay

@Suite struct FrameRefusalTests {
    @Test(arguments: [
        (FrameRefusal.notAJPEG(.empty), 422, "not-a-jpeg"), (.delimiterInFrame(.frame), 422, "delimiter-in-frame"),
        (.camerasFull(limit: 64), 503, "cameras-full"), (.frameMemoryFull(limitBytes: 9), 503, "frame-memory-full"),
        (.takenOver, 409, "camera-taken-over"),
        (.taken(retryAfterSeconds: 2), 409, "camera-taken"),
    ])
    func `a refused frame has its status and reason`(_ refusal: FrameRefusal, _ status: Int, _ reason: String) {
        #expect(Refusal(refusal).status == status)
        #expect(Refusal(refusal).reason.rawValue == reason)
        #expect(Refusal(UploadStreamError.refused(refusal)) == Refusal(refusal))
    }

    @Test func `the messages name what was met and the flag that changes it`() {
        #expect(Refusal(FrameRefusal.delimiterInFrame(.boundaryDoNotCross)).message.contains("--boundarydonotcross"))
        #expect(Refusal(FrameRefusal.camerasFull(limit: 64)).message.contains("64 cameras already (--max-cameras)"))
        #expect(Refusal(FrameRefusal.frameMemoryFull(limitBytes: 9)).message.contains("All 9 bytes"))
        #expect(Refusal(FrameRefusal.notAJPEG(.empty)).message == JPEGError.empty.message)
    }

    @Test(arguments: [
        (MultipartError.partTooLarge(limit: 5), 413, "frame-too-large"),
        (.unsupportedPartType("text/plain"), 415, "unsupported-type"),
        (.unsupportedPartEncoding("gzip"), 415, "unsupported-encoding"), (.badBoundary("x"), 400, "bad-multipart"),
        (.noBoundary, 400, "bad-multipart"), (.preambleTooLong(limit: 5), 400, "bad-multipart"),
        (.badDelimiter, 400, "bad-multipart"), (.badPartHead("x"), 400, "bad-multipart"),
        (.partHeadTooLarge(limit: 5), 400, "bad-multipart"), (.badPartLength("x"), 400, "bad-multipart"),
    ])
    func `a bad streaming upload has its status and reason`(
        _ error: MultipartError, _ status: Int, _ reason: String
    ) {
        let refusal = Refusal(UploadStreamError.multipart(error))
        #expect(refusal.status == status)
        #expect(refusal.reason.rawValue == reason)
        #expect(refusal.message == error.message)
    }

    @Test func `bad chunks are a bad request`() {
        let refusal = Refusal(UploadStreamError.chunked(.badSizeLine))
        #expect(refusal == Refusal(.badRequest, ChunkedError.badSizeLine.message))
    }
}
