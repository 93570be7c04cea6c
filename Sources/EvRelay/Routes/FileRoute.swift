// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

extension Call {
    /// Answers with a page, or with a file that a page loads.
    func file(_ path: String) -> Admission {
        guard let file = relay.webFiles.file(at: path) else { return refuse(.notFound) }
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

/// Conditional requests by tag (RFC 9110 section 13.1.2).
enum EntityTag {
    /// Returns true if `condition`, the value of If-None-Match, names `tag`. The comparison is the weak one.
    static func matches(_ condition: String?, _ tag: String) -> Bool {
        guard let condition else { return false }
        return condition.split(separator: ",").contains { element in
            let candidate = element.drop { $0 == " " || $0 == "\t" }
            let strong = candidate.hasPrefix("W/") ? candidate.dropFirst(2) : candidate
            return strong == "*" || strong.prefix(tag.count) == tag
        }
    }
}
