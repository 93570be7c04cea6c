// SPDX-License-Identifier: MIT
import LibEvent

/// The check against DNS rebinding: a page elsewhere can make its own name lead to this server, and its visitor's browser
/// then takes this server for that page's. The Host field still has the foreign name.
///
/// It matters where being on this machine or network is all that is asked for.
struct HostCheck: Sendable {
    /// Names beside those that cannot be a foreign page's, in lower case; `*.` stands for one label.
    private let names: Set<String>

    /// Names that no registrar gives away (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`, and what home routers use).
    private static let localSuffixes = [".localhost", ".local", ".lan", ".home.arpa", ".internal", ".localdomain"]

    /// RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291.
    private static let privateNetworks = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10",
    ].compactMap { try? AddressNetwork(parsing: $0) }

    init(names: some Sequence<String>) {
        self.names = Set(names.map { Self.withoutRootDot($0.lowercased()) })
    }

    /// Nil if the request may go on.
    /// - Parameter field: the value of Host. Browsers always send one, so a request without is nobody's page.
    func refusal(host field: String?, from peer: PeerAddress) -> ErrorAnswer? {
        guard let field, !field.isEmpty, !allows(field), Self.isNear(peer) else { return nil }
        return ErrorAnswer(
            421, "unknown-host",
            "This server does not know itself by the name \"\(Self.name(field).prefix(100))\"; --allow-host adds a name."
        )
    }

    /// Is this an address, a local name, or one of the server's?
    func allows(_ field: String) -> Bool {
        if field.hasPrefix("[") {
            guard let end = field.firstIndex(of: "]") else { return false }
            // A link-local address may name the client's interface, as some clients send it (RFC 4007 section 11).
            return IPAddress(v6: field[..<end].dropFirst().prefix { $0 != "%" }) != nil
        }
        let name = Self.name(field)
        if !name.contains(".") || IPAddress(v4: name) != nil || names.contains(name) { return true }
        if Self.localSuffixes.contains(where: name.hasSuffix) { return true }
        guard let dot = name.firstIndex(of: ".") else { return false }
        return names.contains("*" + name[dot...])
    }

    /// On this machine, or in a network whose addresses mean something only there.
    static func isNear(_ peer: PeerAddress) -> Bool {
        if peer.isLocal { return true }
        guard let address = IPAddress(v4: peer.host) ?? IPAddress(v6: peer.host) else { return false }
        return privateNetworks.contains { $0.contains(address) }
    }

    /// Without port and root dot, in lower case.
    private static func name(_ field: String) -> String {
        withoutRootDot(field.prefix { $0 != ":" }.lowercased())
    }

    private static func withoutRootDot(_ name: String) -> String {
        name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
