// SPDX-License-Identifier: MIT
public import System
public import WireFormat

/// The events of an exchange, told to its owner. Called on the loop, and never from within a call of the owner's. In each
/// of them the exchange may be used, closed or released.
public protocol OutgoingExchangeDelegate: AnyObject {
    /// Tells the owner that the connection is made. Requests may have been sent before.
    func exchangeOpened(_ exchange: OutgoingExchange)
    /// Hands over a head; one with a status below 200 is an interim answer, and after 101 raw bytes follow as body.
    func exchange(_ exchange: OutgoingExchange, received head: ResponseHead)
    /// Hands over bytes of the body, at least one, without transfer coding. They are valid during the call.
    func exchange(_ exchange: OutgoingExchange, receivedBody bytes: Span<UInt8>)
    /// Tells the owner that the answer is complete. If `isReusable` is true, the next request may be sent.
    func exchangeFinished(_ exchange: OutgoingExchange)
    /// Tells the owner that the connection has ended; no other call follows.
    ///
    /// - Parameter error: nil if the peer has ended it between two answers.
    func exchange(_ exchange: OutgoingExchange, endedWith error: ClientError?)
}

/// HTTP/1 over one outgoing connection: one request after the other, and their answers as they arrive.
///
/// Confined to one event loop. Owned by whoever made it, and owns its connection. Beside the connection's limits it keeps
/// those for the request, the head and the body.
public final class OutgoingExchange {
    /// The owner of the exchange, told of its events.
    public weak var delegate: (any OutgoingExchangeDelegate)?
    /// The connection, to pause it or to ask about it. Its delegate is the exchange.
    public let connection: OutgoingConnection
    /// The time at which the bytes of the event under way arrived.
    public private(set) var receivedAt = SystemClock.monotonic()

    private var reader: AnswerReader
    private var isClosed = false

    /// Takes over a connection. `start()` begins it.
    public init(over connection: OutgoingConnection, limits: AnswerReader.Limits) {
        self.connection = connection
        reader = AnswerReader(limits: limits)
        connection.delegate = self
    }

    deinit { connection.close() }

    /// Begins to connect. Called once.
    public func start() { connection.start() }

    /// True if the connection is open, the last request is sent and its answer complete: the next one may be sent.
    public var isReusable: Bool { connection.isOpen && reader.isReusable && connection.pendingBytes == 0 }

    /// Sends a request: its head, or its head and its body or the body's beginning. One that is sent before the
    /// connection is open waits for that. Must not be called while an answer is under way.
    ///
    /// - Parameter method: the request's method, since the answer to HEAD has no body.
    public func send(_ request: [UInt8], method: String) {
        guard !isClosed, reader.isReusable else {
            assertionFailure("a request on a connection that cannot take it")
            return connection.endLater(.endedEarly)
        }
        reader.expectAnswer(toHead: method == "HEAD")
        connection.write(request)
        if connection.isOpen { beginSending() }
    }

    /// Sends further bytes: more of the request's body, or, after 101, of the protocol that was switched to.
    public func sendMore(_ bytes: [UInt8]) { connection.write(bytes) }

    /// Ends the exchange and its connection; the delegate is told nothing any more. Idempotent.
    public func close() {
        isClosed = true
        connection.close()
    }

    private func beginSending() {
        if connection.pendingBytes > 0 {
            connection.begin(.sending, limit: connection.limits.sending)
        } else {
            connection.begin(.head, limit: connection.limits.head)
        }
    }

    /// Begins the next step's limit where an event ends one.
    private func note(_ event: AnswerReader.Event) {
        switch event {
        case .head(let head) where head.status == 101: connection.endStep()
        case .head(let head) where head.status >= 200: connection.begin(.body, limit: connection.limits.body)
        case .end: connection.endStep()
        case .head, .body: break
        }
    }

    private func tell(_ event: AnswerReader.Event, in bytes: Span<UInt8>) {
        switch event {
        case .head(let head): delegate?.exchange(self, received: head)
        case .body(let range): delegate?.exchange(self, receivedBody: bytes.extracting(range))
        case .end: delegate?.exchangeFinished(self)
        }
    }

    private func end(_ error: ClientError?) {
        guard !isClosed else { return }
        close()
        delegate?.exchange(self, endedWith: error)
    }
}

extension OutgoingExchange: OutgoingConnectionDelegate {
    /// Begins the limits of a request that waited for the connection.
    public func connectionOpened(_ connection: OutgoingConnection) {
        if !reader.isReusable { beginSending() }
        delegate?.exchangeOpened(self)
    }

    /// Begins the head's limit once the request is sent.
    public func connectionDrained(_ connection: OutgoingConnection) {
        if !reader.isReusable, connection.deadlines.step == .sending { beginSending() }
    }

    /// Reads the answer.
    public func connection(_ connection: OutgoingConnection, received bytes: Span<UInt8>) {
        receivedAt = SystemClock.monotonic()
        var offset = 0
        do throws(AnswerError) {
            while !isClosed, let event = try reader.next(in: bytes, from: &offset) {
                note(event)
                tell(event, in: bytes)
            }
        } catch {
            end(ClientError(error))
        }
    }

    /// Ends the answer that goes on to the connection's end, or tells what broke it off.
    public func connection(_ connection: OutgoingConnection, endedWith error: ClientError?) {
        receivedAt = SystemClock.monotonic()
        if let error { return end(error) }
        do throws(AnswerError) {
            if let event = try reader.endOfData() { tell(event, in: Span()) }
            end(nil)
        } catch {
            end(ClientError(error))
        }
    }
}
