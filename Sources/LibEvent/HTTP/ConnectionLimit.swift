// SPDX-License-Identifier: MIT

/// A limit that a new connection has reached.
public enum ConnectionLimit: Sendable, Hashable {
    /// The limit of all connections.
    case total
    /// The limit of one address.
    case address(PeerAddress.Key)
    /// The limit of the process's descriptors.
    case descriptors
}
