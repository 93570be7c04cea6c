// SPDX-License-Identifier: MIT

/// An HTTP server on one loop.
///
/// Confined to one event loop; a thread has at most one open server.
public final class HTTPServer {
    private let gate: Gate

    /// A server that accepts nothing yet.
    /// - Parameters:
    ///   - tls: for sockets with TLS; nil if there are none.
    ///   - handler: not retained; must live until `close()`.
    public init(
        on loop: EventLoop, limits: HTTPLimits, budget: ConnectionBudget, tls: TLSSwitch? = nil,
        handler: any HTTPHandler
    ) throws(LibEventError) {
        gate = try Gate(on: loop, limits: limits, budget: budget, tls: tls, handler: handler)
    }

    /// Accepts connections from `socket`, which belongs to the server from here on.
    public func accept(from socket: ListenSocket) throws(LibEventError) { try gate.accept(from: socket) }

    /// Goes on with a connection that an earlier process had, in the middle of a stream: its owner writes what comes next.
    /// Nil if its peer has gone or it does not fit into the budget.
    public func restore(_ descriptor: Descriptor) -> TakenConnection? { gate.restore(descriptor) }

    /// Changes what connections are allowed: times for new requests and connections, sizes for new connections. evhttp
    /// keeps the largest head that it was made with.
    public func setLimits(_ limits: HTTPLimits) { gate.apply(limits) }

    /// Accepts nothing more and ends every connection that is between requests; the others end with their answer. A new
    /// connection has a moment more for its first request.
    public func beginDraining() { gate.beginDraining() }

    /// True from `beginDraining` on.
    public var isDraining: Bool { gate.isDraining }

    /// Connections open now.
    public var connectionCount: Int { gate.connectionCount }

    /// Ends every connection and frees evhttp. Idempotent; nothing works afterwards.
    public func close() { gate.close() }

    deinit { close() }
}
