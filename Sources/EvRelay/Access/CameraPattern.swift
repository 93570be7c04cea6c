// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// A camera's name, or a pattern in which `*` stands for any run of characters: `door`, `shop-*`, `*`.
struct CameraPattern: Sendable, Hashable, CustomStringConvertible {
    /// The name or pattern as it was written.
    let description: String

    /// The pattern that matches every camera.
    static let every = CameraPattern(checked: "*")
    static let accepted = "names or patterns of 1 to 64 of A-Z a-z 0-9 . _ - *"

    /// The most patterns in one list.
    static let maxCount = 100
    private static let star = UInt8(ascii: "*")

    /// Reads one name or pattern. The error does not repeat the text: it may be a key in the wrong place.
    init(parsing text: some StringProtocol) throws(ValueError) {
        // With a letter in place of each star, the text must be a valid camera name.
        let letters = String(text.map { $0 == "*" ? "x" : $0 })
        guard CameraID(letters) != nil else {
            throw ValueError("", "a camera is none of \(Self.accepted), not starting with a dot")
        }
        description = String(text)
    }

    /// Creates a pattern that matches one camera.
    init(_ camera: CameraID) {
        description = camera.description
    }

    private init(checked text: String) {
        description = text
    }

    /// Reads names and patterns separated by commas.
    static func list(parsing text: some StringProtocol) throws(ValueError) -> [CameraPattern] {
        try list(text.split(separator: ",", omittingEmptySubsequences: false))
    }

    /// Reads names and patterns: at least one, at most `maxCount`.
    static func list(_ texts: [some StringProtocol]) throws(ValueError) -> [CameraPattern] {
        guard (1...maxCount).contains(texts.count) else {
            throw ValueError("", "there are \(texts.count) cameras; accepted: 1 to \(maxCount)")
        }
        var patterns: [CameraPattern] = []
        for text in texts { patterns.append(try CameraPattern(parsing: text)) }
        return patterns
    }

    /// Returns true if the pattern matches `camera`.
    ///
    /// After a mismatch the latest star takes one more character. Earlier stars need not be tried again, so the time is
    /// at most the product of both lengths.
    func matches(_ camera: CameraID) -> Bool {
        let (pattern, name) = (description.utf8.span, camera.description.utf8.span)
        var (place, start) = (0, 0)
        var latest: (star: Int, start: Int)?
        while start < name.count {
            if place < pattern.count, pattern[place] == Self.star {
                latest = (place, start)
                place += 1
            } else if place < pattern.count, pattern[place] == name[start] {
                place += 1
                start += 1
            } else if let star = latest {
                latest = (star.star, star.start + 1)
                (place, start) = (star.star + 1, star.start + 1)
            } else {
                return false
            }
        }
        while place < pattern.count, pattern[place] == Self.star { place += 1 }
        return place == pattern.count
    }
}

extension [CameraPattern] {
    /// Returns true if any of the patterns matches `camera`.
    func include(_ camera: CameraID) -> Bool { contains { $0.matches(camera) } }

    /// The patterns as they could be written, separated by commas.
    var text: String { map(\.description).joined(separator: ",") }
}
