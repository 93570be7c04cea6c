// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// Streams for viewers (MJPEG), at this relay's addresses and at mjpg-streamer's.
struct Streams: Feature {
    private static let endings = [".mjpg", ".mjpeg"]

    var routes: [Route] {
        [
            stream("stream", .camera("stream"), Self.endings, .frame),
            // A watch page is the same file for all cameras, so without JavaScript it knows its camera only by its own
            // address, to which it adds `?action=stream`.
            stream("stream", .cameraAction("watch", action: "stream"), [], .frame),
            stream("mjpg-streamer's stream", .action("stream"), Self.endings, .boundaryDoNotCross),
            Route(
                name: "numbered stream", address: .numberedAction("stream"), content: .picture, rights: [.view]
            ) { (match, call) throws(AccessRefusal) in
                try call.numbered(match.number ?? 0) { (camera) throws(AccessRefusal) in
                    try StreamHandler(call: call).stream(camera, .boundaryDoNotCross)
                }
            },
        ]
    }

    /// Returns the row of a stream. Its handler checks the right to view: a browser that opens the stream as a page is
    /// sent to the watch page first, which asks for a key in its own words.
    private func stream(
        _ name: String, _ address: Route.Address, _ endings: [String], _ boundary: StreamBoundary
    ) -> Route {
        Route(name: name, address: address, endings: endings, content: .picture) {
            (match, call) throws(AccessRefusal) in
            try StreamHandler(call: call).stream(match.reference.map(call.resolve) ?? .default, boundary)
        }
    }
}
