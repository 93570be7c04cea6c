// SPDX-License-Identifier: MIT
public import System
public import WireFormat

/// An exchange whose steps are waited for, one after the other, by running the loop: for the programs of a command line,
/// which do nothing beside.
///
/// Confined to one thread, on which nobody else runs the loop; never used on a server's. Each wait ends by the
/// connection's limits. After an error the connection cannot be used any more.
public final class StepwiseExchange {
    /// The head of an answer.
    public struct Answer: Equatable, Sendable {
        /// Status and fields.
        public let head: ResponseHead
        /// The time at which its last byte had arrived.
        public let receivedAt: Instant
    }

    /// Some bytes of a body.
    public struct Piece: Equatable, Sendable {
        /// At least one byte, without the transfer coding.
        public let bytes: [UInt8]
        /// The time at which they arrived.
        public let receivedAt: Instant
    }

    private enum Event {
        case opened
        case head(Answer)
        case piece(Piece)
        case finished
        case ended(ClientError?)
    }

    /// The connection, which tells its address, its certificate and the time that connecting took, also after a failed
    /// `open()`.
    public let connection: OutgoingConnection
    private let exchange: OutgoingExchange
    private let loop: EventLoop
    /// The events that were not waited for yet. The loop runs only while there are none, so they come of one read.
    private var events: [Event] = []
    private var next = 0
    private var hasBody = false

    /// Takes over a connection that is not begun.
    ///
    /// - Parameter maxHeadBytes: the longest head of an answer, in bytes.
    public init(over connection: OutgoingConnection, maxHeadBytes: Int) {
        self.connection = connection
        loop = connection.context.loop
        exchange = OutgoingExchange(
            over: connection, limits: AnswerReader.Limits(headBytes: maxHeadBytes, bodyBytes: nil))
        exchange.delegate = self
    }

    /// Finds the peer's addresses, connects, and performs the TLS handshake if there is one.
    public func open() throws(ClientError) {
        exchange.start()
        guard case .opened = try wait() else { throw .endedEarly }
    }

    /// True if the last answer was read to its end and another request may follow.
    public var isReusable: Bool { next == events.count && exchange.isReusable }

    /// Sends a request, with or without a body. Returns when all of it is with the kernel, or when an answer comes before
    /// that, as refusals do.
    public func send(_ request: [UInt8], method: String) throws(ClientError) {
        exchange.send(request, method: method)
        try waitUntilSent()
    }

    /// Sends further bytes, as `send` does.
    public func sendMore(_ bytes: [UInt8]) throws(ClientError) {
        exchange.sendMore(bytes)
        try waitUntilSent()
    }

    /// Returns the head of the next answer, or of an informational one (1xx).
    public func receiveHead() throws(ClientError) -> Answer {
        while true {
            guard case .head(let answer) = try wait() else { continue }
            hasBody = answer.head.status >= 200 || answer.head.status == 101
            return answer
        }
    }

    /// Returns the next bytes of the body, or of the protocol after an answer that switched protocols (101); nil once
    /// they have ended.
    public func receivePiece() throws(ClientError) -> Piece? {
        guard hasBody else { return nil }
        switch try wait() {
        case .piece(let piece): return piece
        case .finished:
            hasBody = false
            return nil
        case .opened, .head, .ended: throw .endedEarly
        }
    }

    /// Returns the rest of the body, at most `maxBytes`.
    public func receiveBody(maxBytes: Int) throws(ClientError) -> [UInt8] {
        var whole: [UInt8] = []
        while let piece = try receivePiece() {
            guard whole.count + piece.bytes.count <= maxBytes else { throw .tooLarge(limitBytes: maxBytes) }
            whole += piece.bytes
        }
        return whole
    }

    /// Closes the connection.
    public func close() { exchange.close() }

    private func waitUntilSent() throws(ClientError) {
        while next == events.count, connection.pendingBytes > 0 { loop.runTurn() }
    }

    /// Returns the next event.
    private func wait() throws(ClientError) -> Event {
        while next == events.count {
            guard !connection.isClosed else { throw .endedEarly }
            events.removeAll(keepingCapacity: true)
            next = 0
            loop.runTurn()
        }
        defer { next += 1 }
        if case .ended(let error) = events[next] {
            // Told to every further wait.
            next -= 1
            throw error ?? .endedEarly
        }
        return events[next]
    }
}

extension StepwiseExchange: OutgoingExchangeDelegate {
    /// Notes the event.
    public func exchangeOpened(_ exchange: OutgoingExchange) { events.append(.opened) }

    /// Notes the event.
    public func exchange(_ exchange: OutgoingExchange, received head: ResponseHead) {
        events.append(.head(Answer(head: head, receivedAt: exchange.receivedAt)))
    }

    /// Notes the event with a copy of the bytes.
    public func exchange(_ exchange: OutgoingExchange, receivedBody bytes: Span<UInt8>) {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        events.append(.piece(Piece(bytes: copy, receivedAt: exchange.receivedAt)))
    }

    /// Notes the event.
    public func exchangeFinished(_ exchange: OutgoingExchange) { events.append(.finished) }

    /// Notes the event.
    public func exchange(_ exchange: OutgoingExchange, endedWith error: ClientError?) { events.append(.ended(error)) }
}
