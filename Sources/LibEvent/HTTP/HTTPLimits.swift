// SPDX-License-Identifier: MIT

/// The limits of a connection before and between requests. All times are totals: a drip of bytes extends none of them.
public struct HTTPLimits: Sendable {
    /// Largest request head (request line and fields), in bytes.
    public var maxHeaderBytes: Int
    /// Largest number of fields in a request head.
    public var maxHeaderFields: Int
    /// The time from the first byte of a head (or from accept) to its end.
    public var headerTimeout: Duration
    /// The time between an answer and the next request's first byte.
    public var idleTimeout: Duration
    /// The longest time for which a peer may accept no byte while bytes wait for it.
    public var stallTimeout: Duration

    /// Creates limits. None has a default.
    public init(
        maxHeaderBytes: Int, maxHeaderFields: Int, headerTimeout: Duration, idleTimeout: Duration,
        stallTimeout: Duration
    ) {
        self.maxHeaderBytes = maxHeaderBytes
        self.maxHeaderFields = maxHeaderFields
        self.headerTimeout = headerTimeout
        self.idleTimeout = idleTimeout
        self.stallTimeout = stallTimeout
    }
}
