// SPDX-License-Identifier: MIT
import Cameras

// Refusals of requests for streams, snapshots and lists of cameras.
extension Refusal {
    static func unknownCamera(_ id: CameraID) -> Refusal {
        Refusal(.unknownCamera, "No camera \"\(id)\" has sent a frame yet.")
    }

    /// The refusal of a camera number, by which mjpg-streamer's clients name cameras.
    /// - Parameter count: the cameras that the client may view.
    static func unknownCamera(number: Int, count: Int) -> Refusal {
        Refusal(.unknownCamera, "There is no camera number \(number); there are \(count).")
    }

    /// - Parameter flag: the flag of the limit that was reached.
    static func viewersFull(_ flag: String) -> Refusal {
        Refusal(.viewersFull, "There are as many viewers as the server allows (\(flag)). Try again later.")
    }

    /// - Parameters:
    ///   - age: the age of the latest frame, in milliseconds.
    ///   - maxAge: the greatest accepted age, in milliseconds.
    static func frameTooOld(age: Int64, maxAge: Int64) -> Refusal {
        Refusal(.frameTooOld, "The latest frame is \(age) ms old; at most \(maxAge) ms were asked for.")
    }
}
