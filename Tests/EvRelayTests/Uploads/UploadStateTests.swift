// SPDX-License-Identifier: MIT
import Cameras
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// How a streaming upload goes on and how it ends, without sockets.
@Suite struct UploadStateTests {
    static let damaged = FrameRefusal.notAJPEG(.empty)
    static let memory = FrameRefusal.frameMemoryFull(limitBytes: 9)

    private func state(isTyped: Bool = true, frames: Int = 0, leftOut: FrameRefusal? = nil) -> UploadState {
        var state = UploadState(isTyped: isTyped)
        for _ in 0..<frames { state.published() }
        if let leftOut { _ = state.leavesOut(leftOut) }
        return state
    }

    @Test func `an upload goes on while nothing ends it`() {
        var state = state(frames: 1)
        #expect(state.read(.init()) == .goOn)
        #expect(state.read(.init(isInsidePart: true)) == .goOn)
        #expect(!state.hasEnded)
    }

    @Test func `the closing delimiter ends an upload with frames`() {
        var state = state(frames: 1)
        #expect(state.read(.init(isMultipartComplete: true)) == .complete)
        #expect(state.hasEnded)
    }

    @Test func `the body's end ends an upload with frames, as ffmpeg sends no closing delimiter`() {
        var state = state(frames: 2)
        #expect(state.read(.init(isBodyComplete: true)) == .complete)
    }

    @Test func `the body's end in the middle of a part is refused`() {
        var state = state(frames: 2)
        #expect(state.read(.init(isBodyComplete: true, isInsidePart: true)) == .refuse(.endInsidePart))
    }

    @Test func `bytes after the closing delimiter are no part`() {
        var state = state(frames: 1)
        let progress = UploadState.Progress(isMultipartComplete: true, isBodyComplete: true, isInsidePart: false)
        #expect(state.read(progress) == .complete)
    }

    @Test func `an upload without a part is refused`() {
        var state = state()
        #expect(state.bodyEnded(isInsidePart: false) == .refuse(.noPart))
    }

    @Test(arguments: [UploadStateTests.damaged, UploadStateTests.memory])
    func `an upload whose every frame was left out is told why, and that is counted once`(_ refusal: FrameRefusal) {
        var state = state(leftOut: refusal)
        #expect(state.read(.init(isMultipartComplete: true)) == .tell(Refusal(refusal)))
    }

    @Test func `a damaged frame is left out`() {
        var state = state(frames: 1)
        #expect(state.leavesOut(Self.damaged) == true)
        #expect(state.leavesOut(Self.memory) == true)
        #expect(state.read(.init()) == .goOn)
        #expect(state.read(.init(isMultipartComplete: true)) == .complete)
    }

    @Test(arguments: [FrameRefusal.camerasFull(limit: 1), .takenOver, .taken(retryAfterSeconds: 1)])
    func `a frame that no later one can follow ends the upload`(_ refusal: FrameRefusal) {
        var state = state(frames: 1)
        #expect(state.leavesOut(refusal) == false)
        #expect(state.failed(.refused(refusal)) == .refuse(Refusal(refusal)))
    }

    @Test func `a malformed body is refused`() {
        for error in [UploadStreamError.multipart(.badDelimiter), .chunked(.badSizeLine), .multipart(.noBoundary)] {
            var state = state(frames: 1)
            #expect(state.failed(error) == .refuse(Refusal(error)))
        }
    }

    @Test func `a body without a type that is no multipart is told the accepted types`() {
        var untyped = state(isTyped: false)
        #expect(untyped.failed(.multipart(.noBoundary)) == .refuse(.untypedBody))
        var malformed = state(isTyped: false)
        #expect(malformed.failed(.chunked(.badSizeLine)) == .refuse(Refusal(.chunked(.badSizeLine))))
    }

    @Test func `no frame in time is refused, in the middle of one and before one`() {
        for isInsidePart in [false, true] {
            var state = state(frames: 3)
            #expect(
                state.deadlinePassed(isInsidePart: isInsidePart) == .refuse(.frameTooSlow(isInsidePart: isInsidePart)))
        }
    }

    @Test func `no good frame in time is told the fault of the last one`() {
        var state = state(frames: 3, leftOut: Self.damaged)
        #expect(state.deadlinePassed(isInsidePart: true) == .tell(.noWholeFrame(Refusal(Self.damaged))))
    }

    @Test func `a good frame makes up for the damaged one before it`() {
        var state = state(leftOut: Self.damaged)
        state.published()
        #expect(state.deadlinePassed(isInsidePart: false) == .refuse(.frameTooSlow(isInsidePart: false)))
    }

    @Test func `a draining server ends an upload between two parts at once`() {
        var withFrames = state(frames: 1)
        #expect(withFrames.beginDraining(isInsidePart: false) == .complete)
        var without = state()
        #expect(without.beginDraining(isInsidePart: false) == .refuse(.draining))
    }

    @Test func `a draining server waits for the part under way`() {
        var state = state()
        #expect(state.beginDraining(isInsidePart: true) == .goOn)
        #expect(state.read(.init(isInsidePart: true)) == .goOn)
        state.published()
        #expect(state.read(.init()) == .complete)
    }

    @Test func `a right that ends ends the upload, even in the middle of a part`() {
        var state = state(frames: 1)
        #expect(state.accessEnded(.draining) == .refuse(.draining))
    }

    @Test func `a peer that has gone gets no answer, unless its end is the body's`() {
        var cut = state(frames: 1)
        #expect(cut.peerEnded(isEnd: false, isInsidePart: false) == .cut)
        var whole = state(frames: 1)
        #expect(whole.peerEnded(isEnd: true, isInsidePart: false) == .complete)
        var broken = state(frames: 1)
        #expect(broken.peerEnded(isEnd: true, isInsidePart: true) == .refuse(.endInsidePart))
    }

    @Test func `nothing follows the connection's end`() {
        var state = state(frames: 1)
        state.connectionEnded()
        #expect(state.read(.init(isMultipartComplete: true)) == .goOn)
        #expect(state.deadlinePassed(isInsidePart: true) == .goOn)
        #expect(state.beginDraining(isInsidePart: false) == .goOn)
        #expect(state.accessEnded(.draining) == .goOn)
    }

    private static let seed = SeededGenerator.seedOfRun

    private func act(
        on state: inout UploadState, _ frames: inout Int, _ random: inout SeededGenerator
    ) -> UploadState.Action {
        let isInside = Bool.random(using: &random)
        switch Int.random(in: 0...13, using: &random) {
        case 0...2:
            state.published()
            frames += 1
            return .goOn
        case 3...4: return state.leavesOut(Self.damaged) ? .goOn : .cut
        case 5: return state.deadlinePassed(isInsidePart: isInside)
        case 6: return state.beginDraining(isInsidePart: isInside)
        case 7: return state.accessEnded(.draining)
        case 8: return state.peerEnded(isEnd: Bool.random(using: &random), isInsidePart: isInside)
        case 9: return state.failed(.chunked(.badSizeLine))
        case 10: return state.read(.init(isBodyComplete: true, isInsidePart: isInside))
        case 11: return state.read(.init(isMultipartComplete: true))
        default: return state.read(.init(isInsidePart: isInside))
        }
    }

    @Test func `whatever happens, an upload is answered once, and is complete only with a frame`() {
        for round in 0..<2_000 {
            let seed = Self.seed &+ UInt64(round)
            var random = SeededGenerator(seed: seed)
            var state = UploadState(isTyped: Bool.random(using: &random))
            var ends: [UploadState.Action] = []
            var frames = 0
            for _ in 0..<40 {
                let action = act(on: &state, &frames, &random)
                if action == .complete, frames == 0 { Issue.record("complete without a frame; seed \(seed)") }
                if action != .goOn { ends.append(action) }
            }
            #expect(ends.count == (state.hasEnded ? 1 : 0), "seed \(seed), EVRELAY_SEED=\(Self.seed)")
        }
    }
}
