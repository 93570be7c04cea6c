// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// Frames from cameras: one JPEG a request, or a stream of them.
struct Uploads: Feature {
    var routes: [Route] {
        [
            Route(
                name: "upload", address: .camera("upload"), methods: [.post, .put], isUpload: true, rights: [.publish]
            ) { match, call in
                UploadHandler(call: call).upload(to: match.reference.map(call.resolve) ?? .default)
            }
        ]
    }
}
