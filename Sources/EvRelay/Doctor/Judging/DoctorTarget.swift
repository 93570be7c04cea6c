// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// The relay that the doctor examines: the parts of its URL.
struct DoctorTarget: Equatable, Sendable {
    /// True for https, false for http.
    let isSecure: Bool
    /// A host name, or a numeric address; IPv6 without brackets.
    let host: String
    /// The port; 443 or 80, by the scheme, if the URL has none.
    let port: UInt16
    /// The path of the relay's root, with a slash at both ends: `/`, or `/cam/` behind a proxy.
    let prefix: String

    /// Reads `http://HOST[:PORT][/PATH]` or the same with https.
    init(parsing text: String) throws(ValueError) {
        let schemes = [("https://", true), ("http://", false)]
        guard let (scheme, isSecure) = schemes.first(where: { text.lowercased().hasPrefix($0.0) }) else {
            throw ValueError(text, "it does not begin with http:// or https://")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ValueError(text, "it has a blank or a letter that is not ASCII; write names in their xn-- form")
        }
        let rest = text.dropFirst(scheme.count)
        guard !rest.contains("?"), !rest.contains("#"), !rest.contains("@") else {
            throw ValueError(text, "it has a query, a fragment or a user name")
        }
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        (host, port) = try Self.split(authority, of: text, defaultPort: isSecure ? 443 : 80)
        prefix = path.hasSuffix("/") ? String(path) : "\(path)/"
        self.isSecure = isSecure
    }

    private static func split(
        _ authority: Substring, of text: String, defaultPort: UInt16
    ) throws(ValueError) -> (host: String, port: UInt16) {
        var (host, port) = (authority, Substring?.none)
        let isBracketed = authority.hasPrefix("[")
        if isBracketed {
            guard let end = authority.firstIndex(of: "]") else { throw ValueError(text, "a bracket is not closed") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let behind = authority[authority.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { throw ValueError(text, "the host is malformed") }
            port = behind.isEmpty ? nil : behind.dropFirst()
            guard IPAddress(v6: host) != nil else { throw ValueError(text, "not an IPv6 address between the brackets") }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty, host.utf8.count <= 253 else { throw ValueError(text, "the host is missing or too long") }
        guard isBracketed || host.utf8.allSatisfy(Self.isHostByte) else {
            throw ValueError(text, "the host is malformed")
        }
        guard let port else { return (String(host), defaultPort) }
        guard WholeNumber.isDigits(port.utf8), let number = UInt16(port), number > 0 else {
            throw ValueError(text, "the port is not a whole number from 1 to 65535")
        }
        return (String(host), number)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    /// `http` or `https`.
    var scheme: String { isSecure ? "https" : "http" }

    /// The value of the Host field; it has the port only if that is not the scheme's default.
    var authority: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? shown : "\(shown):\(port)"
    }

    /// The value of Origin that the relay's own pages send.
    var origin: String { "\(scheme)://\(authority)" }

    /// True if the host is this machine.
    var isLoopback: Bool {
        let name = host.lowercased()
        return name == "localhost" || name.hasSuffix(".localhost") || Self.isLoopback(host)
    }

    /// Returns true if a numeric address, or `unix`, is one of the machine itself.
    static func isLoopback(_ address: String) -> Bool {
        if address == "unix" || address == "::1" { return true }
        let four = address.hasPrefix("::ffff:") ? address.dropFirst(7) : address[...]
        return four.hasPrefix("127.") && IPAddress(v4: four) != nil
    }
}

extension DoctorTarget: CustomStringConvertible {
    var description: String { "\(origin)\(prefix)" }
}
