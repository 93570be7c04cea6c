// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

// Refusals of uploads and of single frames.
extension Refusal {
    static let contentEncoding = Refusal(
        .unsupportedEncoding, "Content-Encoding is not supported; send the JPEG as it is.")

    /// - Parameter advice: a further sentence, with a space before it, for types that clients send by default; empty
    ///   for others.
    static func contentType(_ type: String, advice: String) -> Refusal {
        Refusal(
            .unsupportedType,
            "Content-Type \(type) is not accepted; send image/jpeg, or multipart/x-mixed-replace for a stream.\(advice)"
        )
    }

    /// The refusal of a body without Content-Type. Such a body is read as multipart only if it begins as ffmpeg's does.
    static let untypedBody = Refusal(
        .unsupportedType,
        "The request has no Content-Type and does not begin with --boundary; send image/jpeg or "
            + "multipart/x-mixed-replace.")

    static let frameWithoutLength = Refusal(.lengthRequired, "A single frame needs Content-Length.")

    static func frameTooLarge(_ byteCount: Int, limit: Int) -> Refusal {
        Refusal(
            .frameTooLarge, "The frame has \(byteCount) bytes; at most \(limit) are accepted (--max-frame-bytes).")
    }

    /// - Parameter isInsidePart: true if a frame has begun to arrive.
    static func frameTooSlow(isInsidePart: Bool) -> Refusal {
        Refusal(
            .tooSlow,
            isInsidePart
                ? "A frame took too long to arrive (--body-timeout)." : "No frame came in time (--body-timeout).")
    }

    /// The refusal of an upload without a whole frame in time.
    /// - Parameter problem: the refusal of the last frame.
    static func noWholeFrame(_ problem: Refusal) -> Refusal {
        Refusal(problem.reason, "No whole frame came in time (--body-timeout). The last one: \(problem.message)")
    }

    static let badPublisherID = Refusal(
        .badPublisherID, "X-Publisher-ID cannot be used; accepted: 8 to 64 of A-Z a-z 0-9 _ -.")

    static let endInsidePart = Refusal(.badMultipart, "The body ended in the middle of a part.")

    static let noPart = Refusal(.badMultipart, "The body ended before a part began with --boundary.")

    init(_ refusal: FrameRefusal) {
        switch refusal {
        case .notAJPEG(let error): self.init(.notAJPEG, error.message)
        case .delimiterInFrame(let boundary):
            self.init(
                .delimiterInFrame,
                "The frame contains --\(boundary.token), which separates the parts of a stream; remove the comment or "
                    + "metadata that holds it.")
        case .camerasFull(let limit):
            self.init(
                .camerasFull,
                "There are \(limit) cameras already (--max-cameras); an unused one is forgotten after --forget-after.")
        case .frameMemoryFull(let limitBytes):
            self.init(
                .frameMemoryFull,
                "All \(limitBytes) bytes for frames are in use (--frame-memory). Try again in a moment.")
        case .takenOver:
            self.init(
                .cameraTakenOver,
                "Another publisher has taken this camera over; it is free again when that one has stopped.")
        case .taken(let seconds):
            self.init(
                .cameraTaken, "Another publisher sends to this camera (--takeover refuse). Try again later.",
                retryAfterSeconds: seconds)
        }
    }

    init(_ error: UploadStreamError) {
        switch error {
        case .chunked(let error): self.init(.badRequest, error.message)
        case .multipart(let error): self.init(error)
        case .refused(let refusal): self.init(refusal)
        }
    }

    private init(_ error: MultipartError) {
        let reason: RefusalReason =
            switch error {
            case .partTooLarge: .frameTooLarge
            case .unsupportedPartType: .unsupportedType
            case .unsupportedPartEncoding: .unsupportedEncoding
            case .badBoundary, .noBoundary, .preambleTooLong, .badDelimiter, .badPartHead, .partHeadTooLarge,
                .badPartLength:
                .badMultipart
            }
        self.init(reason, error.message)
    }
}
