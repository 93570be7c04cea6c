// SPDX-License-Identifier: MIT

/// An HTTP server on one loop.
///
/// Confined to one event loop; a thread has at most one open server.
public final class HTTPServer {
    private let gate: Gate

    /// RFC 8446 section 5.5: an AES-GCM key protects 2^24.5 full records; this many leave a margin.
    public static let maxRecordsPerKey: UInt64 = RecordKeys.maxRecords

    /// A server that accepts nothing yet.
    /// - Parameters:
    ///   - answers: what all answers that wait to be sent may hold; no limit by default.
    ///   - tls: for sockets with TLS; nil if there are none.
    ///   - maxRecordsPerKey: of TLS; new keys are agreed on before, or the connection ends.
    ///   - handler: not retained; must live until `close()`.
    public init(
        on loop: EventLoop, limits: HTTPLimits, budget: ConnectionBudget, answers: AnswerBudget = AnswerBudget(),
        tls: TLSSwitch? = nil, maxRecordsPerKey: UInt64 = HTTPServer.maxRecordsPerKey, handler: any HTTPHandler
    ) throws(LibEventError) {
        gate = try Gate(
            on: loop, limits: limits, budget: budget, answers: answers, tls: tls,
            records: tls == nil ? nil : try RecordRoom(maxRecordsPerKey: maxRecordsPerKey), handler: handler)
    }

    /// Accepts connections from `socket`, which belongs to the server from here on.
    public func accept(from socket: ListenSocket) throws(LibEventError) { try gate.accept(from: socket) }

    /// Goes on with a connection that an earlier process had, in the middle of a stream: its owner writes what comes next.
    /// Nil if its peer has gone or it does not fit into the budget.
    public func restore(_ descriptor: Descriptor) -> TakenConnection? { gate.restore(descriptor) }

    /// Changes what connections are allowed: times for new requests and connections, sizes for new connections.
    public func setLimits(_ limits: HTTPLimits) { gate.apply(limits) }

    /// Accepts nothing more and ends every connection that is between requests; the others end with their answer. A new
    /// connection has a moment more for its first request.
    public func beginDraining() { gate.beginDraining() }

    /// Ends the connections whose answers hold most for longest, while all loops together hold more than they may.
    public func shedAnswers() { gate.shedAnswers() }

    /// Ends the connection of this loop that has been idle longest, of those that `limit` is about; does nothing if none
    /// is idle.
    public func makeRoom(_ limit: ConnectionLimit) { _ = gate.makeRoom(limit) }

    /// Ends the connections that have waited longest for parts of frames, until frames of `excess` bytes are let go.
    /// - Parameter kept: blocks that stay in memory anyway.
    public func shedFrames(_ excess: Int, keeping kept: Set<ObjectIdentifier>) {
        gate.shedFrames(excess, keeping: kept)
    }

    /// True from `beginDraining` on.
    public var isDraining: Bool { gate.isDraining }

    /// Connections open now.
    public var connectionCount: Int { gate.connectionCount }

    /// Ends every connection. Idempotent; nothing works afterwards.
    public func close() { gate.close() }

    deinit { close() }
}
