// SPDX-License-Identifier: MIT
public import System
public import WireFormat

/// A connection that a handler has taken over from HTTP: a viewer's stream, a streaming upload, or an answer that
/// waits.
///
/// Confined to one event loop. Keeps its delegate alive until it is closed; `close()` may be called at any time, also
/// from inside a delegate call, and more than once.
@safe
public final class TakenConnection {
    /// The owner, which is told of every event; retained until the connection is closed or given back.
    public var delegate: (any TakenConnectionDelegate)?

    /// The connection's peer.
    public let peer: PeerAddress

    /// True while written bytes are not yet with the kernel.
    public private(set) var isPending = false

    /// The client that sent the request through a proxy; nil if the peer itself sent it.
    public var client: PeerAddress?

    /// The sender of the request: a proxy's client, or the peer.
    public var asker: PeerAddress { client ?? peer }

    /// The phase that the connection is counted as.
    public var purpose = ConnectionPhase.request { didSet { connection?.state.purpose = purpose } }

    private var connection: GateConnection?
    private let isKeepAlive: Bool
    private let expectsContinue: Bool
    private let output: ConnectionOutput
    private let descriptor: Int32
    /// True if the connection has TLS.
    public let isEncrypted: Bool

    /// - Parameter head: the head of the taken request; nil if an earlier process has read it.
    init(_ connection: GateConnection, _ head: RequestHead? = nil) {
        self.connection = connection
        isKeepAlive = head?.isKeepAlive ?? false
        expectsContinue = head?.expectsContinue ?? false
        peer = connection.peer
        output = connection.output
        descriptor = connection.socket.descriptor
        isEncrypted = connection.tls != nil
    }

    /// True until the connection is closed or given back.
    public var isOpen: Bool { connection != nil }

    /// Sends the head of a stream, with `opening` after it.
    ///
    /// A stream is the last answer of its connection.
    public func startStream(_ response: HTTPResponse, opening: [UInt8]) {
        assertIsOnLoop()
        guard let connection else { return }
        isPending = connection.write(response, connection: "close", followedBy: opening) || isPending
        // A stream lasts, and its request's head is not needed any more.
        connection.head = nil
    }

    /// Accepts an upgrade of the protocol (RFC 9110 section 7.8). From here on the owner alone decides what is read and
    /// written.
    public func startUpgrade(_ response: HTTPResponse) {
        guard let connection else { return }
        isPending = connection.write(response, connection: "Upgrade") || isPending
    }

    /// Sends a copy of `bytes` after the pending bytes. The copy counts against the answers' memory until it is sent.
    public func write(_ bytes: [UInt8]) {
        assertIsOnLoop()
        guard let connection, !bytes.isEmpty else { return }
        assert(!connection.state.isEnding, "nothing follows what ends a connection")
        output.append(bytes)
        isPending = true
        connection.bytesWereCopied()
    }

    /// Sends `parts` of `block` without copying.
    ///
    /// With nothing pending, the bytes go straight to the socket, at the cost of a bare `sendmsg`. The bytes that the
    /// kernel does not take are queued by reference, as are all bytes while something is pending.
    public func send(_ parts: PartRanges, of block: SharedBytes) {
        assertIsOnLoop()
        guard let connection else { return }
        assert(!connection.state.isEnding, "nothing follows what ends a connection")
        // Asked here, and not of the output: its answer costs 4 % of a fan-out.
        isPending = output.send(parts, of: block, isDirect: !isPending)
    }

    /// Reads the body that `block` waits for: first from `input`, then straight from the socket, without a copy in
    /// between.
    ///
    /// False if the peer ended before the body was complete; the connection is closed then.
    public func receive(into block: BlockBuilder, from input: InputBuffer) -> Bool {
        assertIsOnLoop()
        block.fill(from: input)
        // With TLS the socket holds records, which libevent reads, and no bytes of a body.
        guard isOpen, !isEncrypted, block.missingByteCount > 0 else { return true }
        // `input` is empty now, so the socket's next bytes are the body's next. libevent reads 4 KiB a turn; this reads
        // all that is there.
        let state = block.fill(fromSocket: descriptor, limit: Self.maxReadBytes)
        if case .ended = state {
            close(.byPeer)
            return false
        }
        return true
    }

    /// The most bytes read from one connection before the others have their turn: 1 MiB.
    private static let maxReadBytes = 1 << 20

    /// Calls `connectionDeadlinePassed` after `duration`, up to a quarter second late, unless set again; nil for never.
    public func setDeadline(after duration: Duration?) {
        assertIsOnLoop()
        connection?.state.setDeadline(duration.map { SystemClock.monotonic() + $0 } ?? .distantFuture)
    }

    /// Tells the client to send its body (RFC 9110 section 10.1.1), if it waits for that.
    public func continueIfExpected() {
        if expectsContinue { write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
    }

    /// Sends a complete answer to the taken request and gives the connection back. It then waits for its next request
    /// or ends, as the client and the server wish. The delegate is told nothing more.
    public func respond(_ response: HTTPResponse) {
        assertIsOnLoop()
        guard let connection else { return }
        release()
        connection.answer(response, isKept: isKeepAlive)
    }

    /// Ends the connection when everything is sent.
    public func closeWhenDrained() {
        assertIsOnLoop()
        guard let connection else { return }
        connection.perform(connection.state.endWhenDrained(isPending: isPending))
    }

    /// Answers the taken request and ends the connection; for requests whose body was not read to its end. What still
    /// arrives is dropped for a moment before the end, so that the client can read the answer. The delegate is told
    /// nothing more.
    public func answerAndClose(_ response: HTTPResponse) {
        assertIsOnLoop()
        guard let connection else { return }
        release()
        connection.answerAndClose(response)
    }

    /// Counts the client behind a proxy against the limit per address, until the connection ends or its next request
    /// begins; false if the client's address has reached the limit.
    public func count(client: PeerAddress) -> Bool {
        guard let key = client.key, let connection else { return true }
        return connection.place.count(client: key, connection.gate)
    }

    /// Ends the connection in this process without its peer noticing; the result owns the socket. Nil if it is closed
    /// already or has TLS, if more than `maxPendingBytes` wait for its peer, or if no descriptor is left.
    public func detach(maxPendingBytes: Int) -> DetachedSocket? {
        guard isOpen, !isEncrypted, output.count <= maxPendingBytes,
            let copy = try? Descriptor(duplicating: descriptor), let pending = output.copyPending()
        else { return nil }
        close(.handedOver)
        return DetachedSocket(descriptor: copy, pendingBytes: pending)
    }

    /// Ends the connection at once, whatever is pending.
    public func close(_ reason: CloseReason = .byServer) {
        assertIsOnLoop()
        connection?.close(reason)
    }

    private func assertIsOnLoop() { connection?.gate.loop.assertIsCurrent() }

    // MARK: - Called by the gate

    func received(_ input: InputBuffer) { delegate?.connection(self, received: input) }

    /// Records that nothing is pending any more.
    func outputDrained() { isPending = false }

    func tellDrained() { delegate?.connectionDrained(self) }

    func tellDeadlinePassed() { delegate?.connectionDeadlinePassed(self) }

    func tellEndReached() { delegate?.connectionReachedEnd(self) }

    func didClose(_ reason: CloseReason) {
        assert(connection != nil, "an owner that has its connection no more is told of no end")
        let delegate = delegate
        release()
        delegate?.connectionClosed(self, reason: reason)
    }

    /// Breaks the cycle connection - delegate - connection.
    private func release() {
        connection = nil
        delegate = nil
    }
}
