// SPDX-License-Identifier: MIT
import WireFormat

/// Where a page is with TLS that was asked for without (`--https-redirect`).
enum HTTPSRedirect {
    private static let maxLabelBytes = 63

    /// The same path and query, as they came, at `https` on the host that the client has asked; nil if its Host field
    /// does not say one.
    static func location(_ head: RequestHead, port: Int) -> String? {
        guard let host = head.field("host").flatMap(host) else { return nil }
        return "https://\(host)\(port == 443 ? "" : ":\(port)")\(head.pathAndQuery)"
    }

    /// The host of a Host field without its port, written anew: nothing else that stands there comes back.
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

    /// Nothing, or a colon and up to five digits, which are not looked at any closer.
    private static func isPort(_ rest: Substring) -> Bool {
        rest.isEmpty || (rest.first == ":" && rest.utf8.count <= 6 && WholeNumber.isDigits(rest.dropFirst().utf8))
    }
}
