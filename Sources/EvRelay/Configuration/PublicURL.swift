// SPDX-License-Identifier: MIT

/// Where clients reach the server: origin and, behind a proxy's sub-path, the path before every path of ours.
struct PublicURL: Sendable, Equatable, CustomStringConvertible {
    /// `https://cam.example.org`
    let origin: Origin
    /// Empty, or a path that begins with a slash and ends without one.
    let path: String

    private static let pathCharacters = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")

    /// Reads `http(s)://host[:port][/path]`.
    init(parsing text: String) throws(ValueError) {
        guard let separator = text.firstRange(of: "://"),
            ["http", "https"].contains(text[..<separator.lowerBound].lowercased())
        else { throw ValueError(text, "not a web address, as in https://cam.example.org") }
        let authorityEnd = text[separator.upperBound...].firstIndex(of: "/") ?? text.endIndex
        origin = try Origin(parsing: String(text[..<authorityEnd]))
        var path = text[authorityEnd...]
        while path.hasSuffix("/") { path = path.dropLast() }
        guard Self.pathCharacters.isSuperset(of: path) else {
            throw ValueError(text, "the path has characters other than A-Z a-z 0-9 - . _ ~ /")
        }
        self.path = String(path)
    }

    /// The host without its port, in lower case; an IPv6 address between brackets.
    var host: String {
        let text = origin.description
        guard let separator = text.firstRange(of: "://") else { return "" }
        let authority = text[separator.upperBound...]
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }

    /// As it could be written; paths of ours follow.
    var description: String { origin.description + path }
}
