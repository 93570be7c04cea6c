// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

extension Call {
    /// Answers with the page of `files` at `path`, or with a file that a page loads.
    func file(_ path: String, of files: WebFiles) -> Admission {
        guard let file = files.file(at: path) else { return refuse(.notFound) }
        // A browser may keep a file if it asks each time for changes.
        let fields =
            security.file(at: path, isSecure: forwarding.isSecure) + [
                ("Cache-Control", "no-cache"), ("ETag", file.entityTag),
            ]
        if EntityTag.matches(head.field("if-none-match"), file.entityTag) {
            return answer(HTTPResponse(304, headers: fields))
        }
        return answer(
            HTTPResponse(200, headers: fields + [("Content-Type", file.contentType)], body: .bytes(file.body)))
    }
}
