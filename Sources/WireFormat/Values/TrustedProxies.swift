// SPDX-License-Identifier: MIT

/// The proxies that are trusted to name the client.
public struct TrustedProxies: Sendable, Equatable {
    /// True when peers on unix sockets are trusted.
    public private(set) var isUnixTrusted = false
    /// The networks whose peers are trusted, without repetition, in the order they were written.
    public private(set) var networks: [AddressNetwork] = []

    /// Creates a value that trusts nobody.
    public init() {}

    /// Adds a network or `unix`.
    public mutating func insert(parsing text: String) throws(ValueError) {
        guard text != "unix" else {
            isUnixTrusted = true
            return
        }
        let network = try AddressNetwork(parsing: text)
        if !networks.contains(network) { networks.append(network) }
    }

    /// Returns true if a proxy at this address is trusted.
    public func contains(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// The proxies as they could be written.
    public var texts: [String] { networks.map(\.description) + (isUnixTrusted ? ["unix"] : []) }
}
