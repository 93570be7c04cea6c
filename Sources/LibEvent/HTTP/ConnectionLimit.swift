// SPDX-License-Identifier: MIT

/// A limit of connections that a new one has met.
public enum ConnectionLimit: Sendable, Hashable {
    /// That of all connections.
    case total
    /// That of one address.
    case address(PeerAddress.Key)
    /// That of the process's descriptors.
    case descriptors
}
