// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// The pages for people, and the files that they load.
struct Pages: Feature {
    let files: WebFiles

    var routes: [Route] {
        [
            // Without a name it is the default camera's, below whose address the page's relative links work.
            Route(name: "watch", address: .camera("watch"), content: .file, isPage: true) { match, call in
                match.hasName
                    ? file(at: match.path, call)
                    : call.redirect(308, to: call.relativeAddress("watch/\(CameraID.default)"))
            },
            Route(name: "file", address: .everyOther, content: .file, isPage: true) { match, call in
                file(at: match.path, call)
            },
        ]
    }

    /// Answers with the page at `path`, or with a file that a page loads.
    private func file(at path: String, _ call: Call) -> Admission {
        guard let file = files.file(at: path) else { return call.refuse(.notFound) }
        // A browser may keep a file if it asks each time for changes.
        let fields =
            call.security.file(at: path, isSecure: call.forwarding.isSecure) + [
                ("Cache-Control", "no-cache"), ("ETag", file.entityTag),
            ]
        if EntityTag.matches(call.head.field("if-none-match"), file.entityTag) {
            return call.answer(HTTPResponse(304, headers: fields))
        }
        return call.answer(
            HTTPResponse(200, headers: fields + [("Content-Type", file.contentType)], body: .bytes(file.body)))
    }
}
