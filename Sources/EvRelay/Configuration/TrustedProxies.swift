// SPDX-License-Identifier: MIT

/// The proxies whose word about the client counts.
struct TrustedProxies: Sendable, Equatable {
    /// Peers on unix sockets are trusted.
    private(set) var isUnixTrusted = false
    /// Peers with an address in one of these are trusted; without repetition, in the order they were written.
    private(set) var networks: [AddressNetwork] = []

    /// Adds what was written: a network or `unix`.
    mutating func insert(parsing text: String) throws(ValueError) {
        guard text != "unix" else {
            isUnixTrusted = true
            return
        }
        let network = try AddressNetwork(parsing: text)
        if !networks.contains(network) { networks.append(network) }
    }

    /// True if a proxy at this address is trusted.
    func contains(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// As they could be written.
    var texts: [String] { networks.map(\.description) + (isUnixTrusted ? ["unix"] : []) }
}
