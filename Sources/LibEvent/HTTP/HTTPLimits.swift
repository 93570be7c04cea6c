// SPDX-License-Identifier: MIT

/// What the server allows a connection before and between requests. All times are totals, so that a drip of bytes
/// extends none of them.
public struct HTTPLimits: Sendable {
    /// Largest request head (request line and fields), in bytes.
    public var maxHeaderBytes: Int
    /// Most header fields in a head.
    public var maxHeaderFields: Int
    /// From the first byte of a head (or from accept) to its end.
    public var headerTimeout: Duration
    /// Between an answer and the next request's first byte.
    public var idleTimeout: Duration
    /// How long a peer may accept no byte while bytes wait for it.
    public var stallTimeout: Duration

    /// Every limit is chosen by the caller.
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
