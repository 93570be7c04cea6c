// SPDX-License-Identifier: MIT

/// The URL at which clients reach the server: the origin and, behind a proxy with a sub-path, the prefix of every path.
public struct PublicURL: Sendable, Equatable, CustomStringConvertible {
    /// The origin, such as `https://cam.example.org`.
    public let origin: Origin
    /// The prefix of every path: empty, or with a slash at its beginning and none at its end.
    public let path: String

    private static let pathCharacters = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")

    /// Reads `http(s)://host[:port][/path]`.
    public init(parsing text: String) throws(ValueError) {
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
    public var host: String {
        let text = origin.description
        guard let separator = text.firstRange(of: "://") else { return "" }
        let authority = text[separator.upperBound...]
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }

    /// The URL as it could be written; the server's paths are appended to it.
    public var description: String { origin.description + path }
}
