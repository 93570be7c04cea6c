// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
public import WireFormat

/// A connection that a handler has taken over from HTTP: a viewer's stream, a streaming upload, an answer that waits.
///
/// Confined to one event loop. Keeps its delegate alive until it is closed; `close()` may be called at any time, also
/// from inside a delegate call, and more than once.
@safe
public final class TakenConnection {
    /// What happens when everything is sent.
    private enum Ending {
        /// The delegate goes on.
        case none
        /// The connection ends.
        case close
    }

    /// Told of everything; retained until the connection is closed or given back.
    public var delegate: (any TakenConnectionDelegate)?

    /// Who is at the other end.
    public let peer: PeerAddress

    /// True while something written is not yet with the kernel.
    public private(set) var isPending = false

    /// Who asked, if that was a proxy's client and not the peer.
    public var client: PeerAddress?

    /// Who asked: a proxy's client, or the peer.
    public var asker: PeerAddress { client ?? peer }

    /// What the connection is counted as.
    public var purpose = ConnectionPhase.request { didSet { connection?.reportPhase() } }

    private var connection: GateConnection?
    private let isKeepAlive: Bool
    private let expectsContinue: Bool
    private var ending = Ending.none
    // Kept here because a frame's way to hundreds of viewers should not ask libevent for them each time.
    private var output: OpaquePointer?
    private let descriptor: Int32
    private let tls: TLSLink?

    /// - Parameter head: of the request that was taken; nil if an earlier process has read it.
    init(_ connection: GateConnection, _ head: RequestHead? = nil) {
        self.connection = connection
        isKeepAlive = head?.isKeepAlive ?? false
        expectsContinue = head?.expectsContinue ?? false
        peer = connection.peer
        unsafe output = unsafe connection.output
        descriptor = connection.descriptor
        tls = connection.tls
    }

    /// Whether the connection has TLS.
    public var isEncrypted: Bool { tls != nil }

    /// True until the connection is closed or given back.
    public var isOpen: Bool { connection != nil }

    /// Sends the head of a stream, with `opening` after it.
    ///
    /// A stream is the last answer of its connection.
    public func startStream(_ response: HTTPResponse, opening: [UInt8]) {
        guard let connection else { return }
        isPending = connection.write(response, connection: "close", followedBy: opening) || isPending
        // A stream lasts, and nothing asks for its head any more.
        connection.head = nil
    }

    /// Accepts an upgrade of the protocol (RFC 9110 section 7.8): from here on the owner reads and writes what it likes.
    public func startUpgrade(_ response: HTTPResponse) {
        guard let connection else { return }
        isPending = connection.write(response, connection: "Upgrade") || isPending
    }

    /// Sends a copy of `bytes` after what is pending. The copy counts against the answers' memory until it is sent.
    public func write(_ bytes: [UInt8]) {
        guard let connection, let output = unsafe output, !bytes.isEmpty else { return }
        assert(ending == .none, "nothing follows what ends a connection")
        unsafe bytes.withUnsafeBytes { source in _ = unsafe evbuffer_add(output, source.baseAddress, source.count) }
        isPending = true
        connection.hold(copiedBytes: bytes.count)
    }

    /// Sends `parts` of `block` without copying.
    ///
    /// With nothing pending the bytes go straight to the socket, which costs what a bare `sendmsg` costs; what the
    /// kernel does not take, or everything if something is pending, is queued by reference.
    public func send(_ parts: PartRanges, of block: SharedBytes) {
        guard let connection, let output = unsafe output else { return }
        assert(ending == .none, "nothing follows what ends a connection")
        var progress = RecordSocket.Progress()
        if !isPending {
            // Over TLS nothing is copied for a viewer but into its record, where OpenSSL encrypts it.
            progress = tls?.write(parts, of: .block(block)) ?? .init(sent: block.send(parts, to: descriptor))
            guard progress.sent < parts.byteCount else { return }
        }
        isPending = true
        // The bytes of a record that is made already are asked for again, in one piece.
        unsafe block.append(parts, from: progress.sent, joining: progress.stuck, to: output)
        connection.hold(block)
    }

    /// Reads the body that `block` waits for: what is in `input`, then straight from the socket, with no copy between.
    ///
    /// False if the peer has gone before the body was whole; the connection is closed then.
    public func receive(into block: BlockBuilder, from input: InputBuffer) -> Bool {
        block.fill(from: input)
        // With TLS the socket has no bytes of a body, but records, which libevent reads.
        guard isOpen, tls == nil, block.missingByteCount > 0 else { return true }
        // `input` is empty now, so the socket's next bytes are the body's next. libevent reads 4 KiB a turn; this reads
        // what is there.
        let state = block.fill(fromSocket: descriptor, limit: Self.maxReadBytes)
        if case .ended = state {
            close(.byPeer)
            return false
        }
        return true
    }

    /// Most bytes taken from one connection before the others have their turn.
    private static let maxReadBytes = 1 << 20

    /// Calls `connectionDeadlinePassed` some time after `duration` (to a quarter second), unless set anew; nil for never.
    public func setDeadline(after duration: Duration?) {
        connection?.deadline = duration.map { SystemClock.monotonic() + $0 } ?? .distantFuture
    }

    /// Tells the client to send its body (RFC 9110 section 10.1.1), if it waits for that.
    public func continueIfExpected() {
        if expectsContinue { write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
    }

    /// Answers the taken request with a length and gives the connection back, which waits for its next request or ends,
    /// as the client and the server wish. The delegate is told nothing more.
    public func respond(_ response: HTTPResponse) {
        guard let connection else { return }
        release()
        connection.answer(response, isKept: isKeepAlive)
    }

    /// Ends the connection when all is sent.
    public func closeWhenDrained() {
        guard let connection else { return }
        ending = .close
        if !isPending { return drained() }
        // No deadline: the stall limit watches over what is pending, and a slow reader may take its time.
        connection.deadline = .distantFuture
    }

    /// Answers the taken request and ends the connection, dropping what still arrives for a moment so that the client
    /// reads the answer; for requests whose body was not read to its end. The delegate is told nothing more.
    public func answerAndClose(_ response: HTTPResponse) {
        guard let connection else { return }
        release()
        connection.answerAndClose(response)
    }

    /// Counts the client behind a proxy against the limit per address for as long as this lasts; false if it has as many
    /// connections as it may have.
    public func count(client: PeerAddress) -> Bool {
        guard let key = client.key, let connection else { return true }
        return connection.count(client: key)
    }

    /// Ends the connection in this process without its peer noticing; the socket lives on in the result. Nil if it is
    /// closed already, if more than `maxPendingBytes` wait for its peer, or if no descriptor is left.
    public func detach(maxPendingBytes: Int) -> DetachedSocket? {
        connection?.detach(maxPendingBytes: maxPendingBytes)
    }

    /// Ends the connection now, whatever is pending.
    public func close(_ reason: CloseReason = .byServer) { connection?.close(reason) }

    // MARK: - Called by the gate

    func received(_ input: InputBuffer) {
        switch ending {
        case .none: delegate?.connection(self, received: input)
        case .close: input.drop(input.count)
        }
    }

    func drained() {
        isPending = false
        switch ending {
        case .none: delegate?.connectionDrained(self)
        case .close: connection?.closeWhenReceived()
        }
    }

    func deadlinePassed() {
        guard case .none = ending else { return close(.stalled) }
        delegate?.connectionDeadlinePassed(self)
    }

    func reachedEnd() {
        switch ending {
        case .none: delegate?.connectionReachedEnd(self)
        // The peer may still read what is under way.
        case .close: break
        }
    }

    /// Pending bytes are queued there from now on.
    func outputMoved(to output: OpaquePointer) { unsafe self.output = output }

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
