// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// The client of a request and its transport, as a trusted proxy reports them. X-Forwarded fields of other peers are
/// ignored, since every client can send them.
struct Forwarding: Equatable, Sendable {
    /// The client, as far as it is known.
    let client: PeerAddress
    /// True if a trusted proxy has named the client.
    let isForwarded: Bool
    /// True if the peer is a trusted proxy.
    let isTrusted: Bool
    /// True if the client's connection is known to be encrypted.
    let isSecure: Bool

    /// The most addresses examined; nobody has as many proxies in a row.
    private static let maxHops = 32

    /// Reads the fields of `head`, which came from `peer`.
    init(_ head: RequestHead, peer: PeerAddress, isEncrypted: Bool = false, trusted: TrustedProxies) {
        isTrusted = trusted.contains(peer)
        guard isTrusted else {
            (client, isForwarded, isSecure) = (peer, false, isEncrypted)
            return
        }
        let known = Self.client(head.list("x-forwarded-for"), trusted)
        client = known ?? peer
        isForwarded = known != nil
        isSecure = head.list("x-forwarded-proto").last.map { $0.lowercased() == "https" } ?? isEncrypted
    }

    /// Returns the last address that is not a trusted proxy's. Each proxy adds the address it was asked from at the
    /// end, so anything before the client may be invented.
    private static func client(_ hops: [String], _ trusted: TrustedProxies) -> PeerAddress? {
        var known: PeerAddress?
        for hop in hops.suffix(maxHops).reversed() {
            guard let address = PeerAddress(host: host(hop)) else { return known }
            known = address
            if !trusted.contains(address) { return known }
        }
        return known
    }

    /// Returns the address without the port that some proxies add: `192.0.2.1:5000`, `[2001:db8::1]:5000`.
    private static func host(_ element: String) -> String {
        if element.hasPrefix("["), let end = element.firstIndex(of: "]") {
            return String(element[element.index(after: element.startIndex)..<end])
        }
        let colons = element.count { $0 == ":" }
        return colons == 1 ? String(element.prefix { $0 != ":" }) : element
    }
}

extension TrustedProxies {
    /// Returns true if `peer` is one of these proxies.
    func contains(_ peer: PeerAddress) -> Bool {
        if peer == .unixSocket { return isUnixTrusted }
        guard !networks.isEmpty else { return false }
        guard let address = IPAddress(v4: peer.host) ?? IPAddress(v6: peer.host) else { return false }
        return contains(address)
    }
}
