// SPDX-License-Identifier: MIT

/// A camera's name, or a pattern in which `*` stands for any run of characters: `door`, `shop-*`, `*`.
struct CameraPattern: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    let description: String

    /// Every camera.
    static let every = CameraPattern(checked: "*")
    static let accepted = "names or patterns of 1 to 64 of A-Z a-z 0-9 . _ - *"

    /// The most patterns beside each other.
    static let maxCount = 100
    private static let star = UInt8(ascii: "*")

    /// Reads one name or pattern. The error does not show what was read: it may be a key in the wrong place.
    init(parsing text: some StringProtocol) throws(ValueError) {
        // Whatever stands for the stars, what is left must be able to be a name.
        let letters = String(text.map { $0 == "*" ? "x" : $0 })
        guard CameraID(letters) != nil else {
            throw ValueError("", "a camera is none of \(Self.accepted), not starting with a dot")
        }
        description = String(text)
    }

    /// The one camera.
    init(_ camera: CameraID) {
        description = camera.description
    }

    private init(checked text: String) {
        description = text
    }

    /// Reads names and patterns between commas.
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

    /// Is `camera` meant?
    ///
    /// A star that has taken too little takes one more; only the latest star needs to be tried again, so the time is at
    /// most the product of both lengths.
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
    /// Is `camera` meant by any of these?
    func include(_ camera: CameraID) -> Bool { contains { $0.matches(camera) } }

    /// As they could be written.
    var text: String { map(\.description).joined(separator: ",") }
}
