// SPDX-License-Identifier: MIT
import WireFormat

/// The address with TLS of a page that was requested without (`--https-redirect`).
enum HTTPSRedirect {
    private static let maxLabelBytes = 63

    /// Returns the same path and query, unchanged, with `https` on the host that the client has asked. Returns nil if
    /// its Host field does not give one.
    static func location(_ head: RequestHead, port: Int) -> String? {
        guard let host = head.field("host").flatMap(host) else { return nil }
        return "https://\(host)\(port == 443 ? "" : ":\(port)")\(head.pathAndQuery)"
    }

    /// Returns the host of a Host field without its port, written anew, so that nothing else of the field comes back.
    /// Returns nil if it is not valid.
    static func host(_ field: String) -> String? {
        if field.hasPrefix("[") {
            guard let end = field.firstIndex(of: "]"), isPort(field[field.index(after: end)...]),
                let address = IPAddress(v6: field[..<end].dropFirst().prefix { $0 != "%" })
            else { return nil }
            return "[\(address)]"
        }
        let colon = field.firstIndex(of: ":") ?? field.endIndex
        guard isPort(field[colon...]), let name = try? HostName.parse(String(field[..<colon])) else { return nil }
        var labels = name.split(separator: ".", omittingEmptySubsequences: false)
        // The root's dot.
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        guard labels.allSatisfy({ (1...maxLabelBytes).contains($0.utf8.count) }) else { return nil }
        return name
    }

    /// Returns true for nothing, or a colon and up to five digits. Their value is not checked.
    private static func isPort(_ rest: Substring) -> Bool {
        rest.isEmpty || (rest.first == ":" && rest.utf8.count <= 6 && WholeNumber.isDigits(rest.dropFirst().utf8))
    }
}
