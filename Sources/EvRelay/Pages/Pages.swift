// SPDX-License-Identifier: MIT
import Cameras

/// The pages for people, and the files that they load.
struct Pages: Feature {
    let files: WebFiles

    var routes: [Route] {
        [
            // Without a name it is the default camera's, below whose address the page's relative links work.
            Route(name: "watch", address: .camera("watch"), content: .file, isPage: true) { match, call in
                match.hasName
                    ? call.file(match.path, of: files)
                    : call.redirect(308, to: call.relativeAddress("watch/\(CameraID.default)"))
            },
            Route(name: "file", address: .everyOther, content: .file, isPage: true) { match, call in
                call.file(match.path, of: files)
            },
        ]
    }
}
