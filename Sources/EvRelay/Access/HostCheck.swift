// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// The check against DNS rebinding. A foreign page can make its own host name resolve to this server, so that its
/// visitor's browser treats this server as the page's own. The Host field still has the foreign name.
///
/// The check matters where a request needs no credential, only a peer on this machine or network.
struct HostCheck: Sendable {
    /// The allowed names besides addresses and local names, in lower case; a leading `*.` stands for one label.
    private let names: Set<String>

    /// Suffixes that no registrar assigns (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`, and those of home
    /// routers).
    private static let localSuffixes = [".localhost", ".local", ".lan", ".home.arpa", ".internal", ".localdomain"]

    /// Networks of private addresses: RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291.
    private static let privateNetworks = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10",
    ].compactMap { try? AddressNetwork(parsing: $0) }

    init(names: some Sequence<String>) {
        self.names = Set(names.map { Self.withoutRootDot($0.lowercased()) })
    }

    /// Returns the refusal of a request by its Host field; nil if the request may go on. A peer outside this machine
    /// and private networks is not checked.
    /// - Parameter field: the value of Host. Every browser sends one, so a request without it comes from no page.
    func refusal(host field: String?, from peer: PeerAddress) -> Refusal? {
        guard let field, !field.isEmpty, !allows(field), Self.isNear(peer) else { return nil }
        return .unknownHost(Self.name(field))
    }

    /// Returns true if the Host value is an address, a local name, or one of the server's names.
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

    /// Returns true for a peer on this machine or in a private network.
    static func isNear(_ peer: PeerAddress) -> Bool {
        if peer.isLocal { return true }
        guard let address = IPAddress(v4: peer.host) ?? IPAddress(v6: peer.host) else { return false }
        return privateNetworks.contains { $0.contains(address) }
    }

    /// Returns the host without port and root dot, in lower case.
    private static func name(_ field: String) -> String {
        withoutRootDot(field.prefix { $0 != ":" }.lowercased())
    }

    private static func withoutRootDot(_ name: String) -> String {
        name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
