// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// The decisions about a streaming upload, which goes on from frame to frame and ends once.
///
/// A pure value: its owner (`UploadStream`) reports what it has read and what became of each frame, and carries out the
/// action that is returned. In each report, `isInsidePart` is true if the first bytes of a part have arrived and its
/// last ones have not.
struct UploadState {
    /// The reaction to an event.
    enum Action: Equatable {
        /// Read on.
        case goOn
        /// Answer that the upload is complete.
        case complete
        /// Count the refusal and answer with it.
        case refuse(Refusal)
        /// Answer with a refusal that was counted with its frame.
        case tell(Refusal)
        /// Close the connection without an answer.
        case cut
    }

    /// The progress of one look at the body.
    struct Progress: Equatable {
        /// True after the closing delimiter.
        var isMultipartComplete = false
        /// True if the body's framing says that nothing follows.
        var isBodyComplete = false
        var isInsidePart = false
    }

    /// True once the upload was answered or its connection has ended.
    private(set) var hasEnded = false
    private var isDraining = false
    private var hasFrame = false
    /// The refusal of the last frame; nil if it was published.
    private var problem: FrameRefusal?
    private let isTyped: Bool

    /// - Parameter isTyped: false if the request has no Content-Type.
    init(isTyped: Bool) { self.isTyped = isTyped }

    /// Handles a look at the body.
    mutating func read(_ progress: Progress) -> Action {
        if progress.isMultipartComplete { return finish() }
        if progress.isBodyComplete { return bodyEnded(isInsidePart: progress.isInsidePart) }
        return isDraining && !progress.isInsidePart ? finish() : .goOn
    }

    mutating func published() {
        hasFrame = true
        problem = nil
    }

    /// Handles a frame that was not published. Returns true if it is left out and the upload goes on: many USB cameras
    /// send a damaged frame first, and now and then later.
    mutating func leavesOut(_ refusal: FrameRefusal) -> Bool {
        problem = refusal
        return refusal.isOfOneFrame
    }

    /// Handles an error after which the rest of the body cannot be read.
    mutating func failed(_ error: UploadStreamError) -> Action {
        let isUntyped = error == .multipart(.noBoundary) && !isTyped
        return end(.refuse(isUntyped ? .untypedBody : Refusal(error)))
    }

    /// Handles the end of a body without a closing delimiter, which ffmpeg never sends. It is an error only inside a
    /// part.
    mutating func bodyEnded(isInsidePart: Bool) -> Action {
        isInsidePart ? end(.refuse(.endInsidePart)) : finish()
    }

    /// Handles the end of the peer's data.
    /// - Parameter isEnd: true for a body without a declared end, such as ffmpeg's with `-chunked_post 0`.
    mutating func peerEnded(isEnd: Bool, isInsidePart: Bool) -> Action {
        isEnd ? bodyEnded(isInsidePart: isInsidePart) : end(.cut)
    }

    /// Handles the deadline, which runs from one published frame to the next.
    mutating func deadlinePassed(isInsidePart: Bool) -> Action {
        if let problem { return end(.tell(.noWholeFrame(Refusal(problem)))) }
        return end(.refuse(.frameTooSlow(isInsidePart: isInsidePart)))
    }

    /// Handles the beginning of the server's end: the part under way is still received.
    mutating func beginDraining(isInsidePart: Bool) -> Action {
        isDraining = true
        return isInsidePart ? .goOn : finish()
    }

    /// Handles the end of the right to publish, even in the middle of a part.
    mutating func accessEnded(_ refusal: Refusal) -> Action { end(.refuse(refusal)) }

    /// Handles the end of the connection.
    mutating func connectionEnded() { hasEnded = true }

    private mutating func finish() -> Action {
        if hasFrame { return end(.complete) }
        if let problem { return end(.tell(Refusal(problem))) }
        return end(.refuse(isDraining ? .draining : .noPart))
    }

    private mutating func end(_ action: Action) -> Action {
        guard !hasEnded else { return .goOn }
        hasEnded = true
        return action
    }
}
