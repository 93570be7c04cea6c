// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System

/// The contents of a run: the number of connections of each kind, and the frames that are sent.
struct LoadPlan {
    enum HTTPVersion: String, CaseIterable {
        case oneZero = "1.0"
        case oneOne = "1.1"
    }

    /// The address that the server listens on.
    var address: ClientAddress
    /// The TLS settings for a server with TLS; nil for one without.
    var tls: ClientTLS?
    /// The version in the viewers' request line; uploads are always HTTP/1.1.
    var httpVersion = HTTPVersion.oneOne
    /// The number of all viewers, including the slow and the stalled; they are spread over the cameras.
    var viewers: Int
    /// Viewers that read nothing after the response head.
    var stalled = 0
    /// Viewers that read `slowBytesPerSecond`.
    var slow = 0
    var slowBytesPerSecond = 300_000
    /// Cameras, each with one uploader.
    var cameras = 1
    /// The beginning of the cameras' names; each camera's number from 0 follows.
    var cameraPrefix = "load"
    /// Frames per second and camera.
    var framesPerSecond: Double
    /// The length of each JPEG in bytes.
    var frameBytes: Int
    /// SO_RCVBUF of each viewer; nil leaves it to the kernel.
    var receiveBufferBytes: Int?

    /// The time limits of each connection: for one TLS handshake. The crowd limits the time for all of them together, and
    /// whoever is slow is measured.
    static let limits = {
        var limits = OutgoingLimits(each: .seconds(3600))
        limits.handshake = .seconds(10)
        limits.sending = nil
        limits.head = nil
        limits.body = nil
        limits.silence = nil
        return limits
    }()

    /// Returns a camera's name in the server's URLs.
    func cameraName(_ camera: Int) -> String { "\(cameraPrefix)\(camera)" }

    /// Returns the viewers' kinds: the stalled and the slow are spread evenly among the healthy.
    func viewerKinds() -> [Viewer.Kind] {
        let special = min(stalled + slow, viewers)
        var kinds: [Viewer.Kind] = []
        var chosen = 0
        for index in 0..<viewers {
            guard (index + 1) * special / viewers > chosen else {
                kinds.append(.healthy)
                continue
            }
            chosen += 1
            // Within these, the stalled are spread in the same way.
            kinds.append(chosen * stalled / special > (chosen - 1) * stalled / special ? .stalled : .slow)
        }
        return kinds
    }
}
