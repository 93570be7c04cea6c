// SPDX-License-Identifier: MIT
import LibEvent

/// What a run does: how many connections of which kind, and what is sent.
struct LoadPlan {
    enum HTTPVersion: String, CaseIterable {
        case oneZero = "1.0"
        case oneOne = "1.1"
    }

    /// Where the server listens.
    var address: ClientAddress
    /// For a server with TLS; nil for one without.
    var tls: ClientTLS?
    /// The version in the viewers' request line; uploads are always HTTP/1.1.
    var httpVersion = HTTPVersion.oneOne
    /// All viewers, the slow and the stalled among them; spread over the cameras.
    var viewers: Int
    /// Viewers that read nothing behind the response head.
    var stalled = 0
    /// Viewers that read `slowBytesPerSecond`.
    var slow = 0
    var slowBytesPerSecond = 300_000
    /// Cameras, each with one uploader.
    var cameras = 1
    /// Cameras are called so and by their number from 0.
    var cameraPrefix = "load"
    /// Frames a second and camera.
    var framesPerSecond: Double
    /// Length of each JPEG.
    var frameBytes: Int
    /// SO_RCVBUF of each viewer; nil leaves it to the kernel.
    var receiveBufferBytes: Int?

    /// How long one handshake may take.
    static let handshakeLimit = Duration.seconds(10)

    /// A camera's name in the server's URLs.
    func cameraName(_ camera: Int) -> String { "\(cameraPrefix)\(camera)" }

    /// The viewers' kinds, the stalled and the slow spread evenly among the healthy.
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
            // Within the chosen, the stalled are spread in the same way.
            kinds.append(chosen * stalled / special > (chosen - 1) * stalled / special ? .stalled : .slow)
        }
        return kinds
    }
}
