// SPDX-License-Identifier: MIT

/// A question for the addresses of a name.
///
/// Sendable: immutable.
public final class NameQuery: Sendable {
    /// A name, or an address in digits, IPv6 without brackets.
    public let host: String
    /// The port that is added to each address.
    public let port: UInt16
    /// The time that the name servers may take.
    public let limit: Duration
    let onEnd: @Sendable (Result<[ClientAddress], NameUnknown>) -> Void

    /// - Parameter onEnd: called once, on a thread of the resolver's, with all addresses in the order in which the system
    ///   wants them tried (RFC 6724).
    public init(
        host: String, port: UInt16, limit: Duration,
        onEnd: @escaping @Sendable (Result<[ClientAddress], NameUnknown>) -> Void
    ) {
        self.host = host
        self.port = port
        self.limit = limit
        self.onEnd = onEnd
    }
}

/// The reason why a name has no address.
public struct NameUnknown: Error, Equatable, Sendable {
    /// The resolver's text.
    public let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
