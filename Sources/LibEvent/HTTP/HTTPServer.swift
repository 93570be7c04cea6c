// SPDX-License-Identifier: MIT
public import Crypto
public import System

/// An HTTP server on one loop.
///
/// Confined to one event loop; a thread has at most one open server.
public final class HTTPServer {
    private let gate: Gate

    /// The most records that one key protects, by default: 2^24. RFC 8446 section 5.5: an AES-GCM key protects 2^24.5
    /// full records; this leaves a margin.
    public static let maxRecordsPerKey: UInt64 = RecordKeys.maxRecords

    /// Creates a server that accepts nothing yet.
    /// - Parameters:
    ///   - answers: the memory limit of all answers that wait to be sent; no limit by default.
    ///   - tls: the TLS context for sockets with TLS; nil if there are none.
    ///   - maxRecordsPerKey: the most TLS records per key. Before it is reached new keys are agreed on, or the
    ///     connection ends.
    ///   - handler: not retained; must live until `close()`.
    public init(
        on loop: EventLoop, limits: HTTPLimits, budget: ConnectionBudget, answers: AnswerBudget = AnswerBudget(),
        tls: TLSSwitch? = nil, maxRecordsPerKey: UInt64 = HTTPServer.maxRecordsPerKey, handler: any HTTPHandler
    ) throws(SystemError) {
        gate = try Gate(
            on: loop, limits: limits, budget: budget, answers: answers, tls: tls,
            records: tls == nil ? nil : try RecordRoom(maxRecordsPerKey: maxRecordsPerKey), handler: handler)
    }

    /// Accepts connections from `socket`, which belongs to the server from here on.
    public func accept(from socket: ListenSocket) throws(SystemError) { try gate.listeners.add(socket) }

    /// Takes over a connection of an earlier process in the middle of a stream; its owner writes what comes next. Nil
    /// if its peer has gone or it does not fit the budget.
    public func restore(_ descriptor: Descriptor) -> TakenConnection? { gate.restore(descriptor) }

    /// Changes the limits: the times for new requests and connections, the sizes for new connections.
    public func setLimits(_ limits: HTTPLimits) { gate.apply(limits) }

    /// Accepts nothing more and ends every connection that is between requests; the others end after their answer. A
    /// new connection gets a moment more for its first request.
    public func beginDraining() { gate.beginDraining() }

    /// Ends the connections with the greatest weight (bytes of answers times their waiting time), while all loops
    /// together exceed the memory limit of answers.
    public func shedAnswers() { gate.shedAnswers() }

    /// Ends the connection that has been idle longest, of this loop's connections that `limit` applies to; does nothing
    /// if none may end.
    public func makeRoom(_ limit: ConnectionLimit) { _ = gate.makeRoom(limit) }

    /// Ends the connections that have waited longest for parts of frames, until frames of `excess` bytes are released.
    /// - Parameter kept: blocks that stay in memory anyway.
    public func shedFrames(_ excess: Int, keeping kept: Set<ObjectIdentifier>) {
        gate.shedFrames(excess, keeping: kept)
    }

    /// True from `beginDraining` on.
    public var isDraining: Bool { gate.isDraining }

    /// The number of open connections.
    public var connectionCount: Int { gate.connectionCount }

    /// Ends every connection. Idempotent; nothing works afterwards.
    public func close() { gate.close() }

    deinit { close() }
}
