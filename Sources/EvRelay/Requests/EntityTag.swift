// SPDX-License-Identifier: MIT

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
