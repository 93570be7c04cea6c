// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

@Suite struct UploadErrorTests {
    @Test(arguments: [
        (UploadRefusal.notAJPEG(.empty), 422, "not-a-jpeg"), (.delimiterInFrame(.frame), 422, "delimiter-in-frame"),
        (.camerasFull(limit: 64), 503, "cameras-full"), (.frameMemoryFull(limitBytes: 9), 503, "frame-memory-full"),
        (.badPublisherID, 400, "bad-publisher-id"), (.takenOver, 409, "camera-taken-over"),
        (.taken(retryAfterSeconds: 2), 409, "camera-taken"),
    ])
    func `a refused frame has its status and reason`(_ refusal: UploadRefusal, _ status: Int, _ reason: String) {
        #expect(refusal.answer.status == status)
        #expect(refusal.answer.reason == reason)
        #expect(UploadStreamError.refused(refusal).answer == refusal.answer)
    }

    @Test func `the messages name what was met and the flag that changes it`() {
        #expect(UploadRefusal.delimiterInFrame(.boundaryDoNotCross).answer.message.contains("--boundarydonotcross"))
        #expect(UploadRefusal.camerasFull(limit: 64).answer.message.contains("64 cameras already (--max-cameras)"))
        #expect(UploadRefusal.frameMemoryFull(limitBytes: 9).answer.message.contains("All 9 bytes"))
        #expect(UploadRefusal.notAJPEG(.empty).answer.message == JPEGError.empty.message)
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
        let answer = UploadStreamError.multipart(error).answer
        #expect(answer.status == status)
        #expect(answer.reason == reason)
        #expect(answer.message == error.message)
    }

    @Test func `bad chunks are a bad request`() {
        let answer = UploadStreamError.chunked(.badSizeLine).answer
        #expect(answer == ErrorAnswer(400, "bad-request", ChunkedError.badSizeLine.message))
    }
}
