// SPDX-License-Identifier: MIT

/// A web origin in the form browsers send it in `Origin` (RFC 6454, section 6.2): lower case, no default port, no path.
public struct Origin: Sendable, Hashable, CustomStringConvertible {
    /// `scheme://host` or `scheme://host:port`.
    public let description: String

    /// The default ports, which browsers leave out.
    private static let defaultPorts = ["http": 80, "https": 443]
    private static let letters = "abcdefghijklmnopqrstuvwxyz"
    private static let schemeCharacters = Set(letters + "0123456789+-.")
    private static let hostCharacters = Set(letters + "0123456789-._")

    /// Reads `scheme://host[:port]` in any case.
    public init(parsing text: String) throws(ValueError) {
        guard let separator = text.firstRange(of: "://") else {
            throw ValueError(text, "not an origin, as in https://example.org")
        }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard let first = scheme.first, Self.letters.contains(first), Self.schemeCharacters.isSuperset(of: scheme)
        else {
            throw ValueError(text, "the scheme is not valid, as in https://example.org")
        }
        let authority = text[separator.upperBound...].lowercased()
        guard !authority.contains(where: { "/?#".contains($0) }) else {
            throw ValueError(text, "an origin ends after its host and port, without a slash or path")
        }
        let (host, portText) = try Self.split(authority, of: text)
        guard let portText else {
            description = "\(scheme)://\(host)"
            return
        }
        guard WholeNumber.isDigits(portText.utf8), let port = Int(portText), (1...65535).contains(port) else {
            throw ValueError(text, "the port is not a whole number from 1 to 65535")
        }
        description = Self.defaultPorts[scheme] == port ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
    }

    private static func split(_ authority: String, of text: String) throws(ValueError) -> (String, Substring?) {
        if authority.hasPrefix("["), let bracket = authority.firstIndex(of: "]") {
            let rest = authority[authority.index(after: bracket)...]
            let inner = authority[..<bracket].dropFirst()
            guard let address = IPAddress(v6: inner), rest.isEmpty || rest.hasPrefix(":") else {
                throw ValueError(text, "not an IPv6 address between the brackets")
            }
            return ("[\(address)]", rest.isEmpty ? nil : rest.dropFirst())
        }
        let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, hostCharacters.isSuperset(of: host) else {
            throw ValueError(text, "the host is not valid (write an international name in its xn-- form)")
        }
        return (String(host), parts.count == 2 ? parts[1] : nil)
    }
}
