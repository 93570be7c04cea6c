// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// The reason for which a streaming upload cannot continue.
enum UploadStreamError: Error, Equatable, Sendable {
    case chunked(ChunkedError)
    case multipart(MultipartError)
    case refused(FrameRefusal)
}
