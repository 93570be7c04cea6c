// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import WireFormat

/// One accepted connection, from accept to close, and who reads from it now.
///
/// Confined to one event loop. Owned by its gate's table until libevent reports the close, which happens exactly once
/// on every way a connection can end.
@safe
final class GateConnection {
    /// Who reads from the connection.
    enum State {
        /// The gate: it collects a request head.
        case awaitingHead
        /// evhttp: it reads the head again and calls back.
        case exchange((consuming HTTPRequest) -> Void)
        /// evhttp: the handler has answered.
        case answering
        /// The connection's new owner.
        case taken(TakenConnection)
        /// The gate: it sends a refusal and drops what still arrives.
        case rejected(droppedBytes: Int)
        /// Nobody.
        case closed
    }

    unowned let gate: Gate
    /// The connection's place in its gate's table, and the argument of its callbacks: the address of its
    /// evhttp_connection, or of its buffer where evhttp has no part in it.
    let key: UInt
    /// Nil for a connection that an earlier process has accepted.
    let evhttpConnection: OpaquePointer?
    let buffer: OpaquePointer
    /// Nil for a connection without TLS.
    let tls: TLSLink?
    let peer: PeerAddress
    var head: RequestHead?
    var deadline: Instant

    var state = State.awaitingHead { didSet { reportPhase() } }
    var scanner: RequestHeadScanner
    /// True if the connection has its place in the budget.
    var isCounted = false
    var countedKey: PeerAddress.Key?
    private var isGateListening = false
    private(set) var isReadingPaused = false
    var isRejectionCounted = false
    var hasBegunHead = false { didSet { reportPhase() } }
    /// When the request under way began: its first byte came, or for the first one its connection.
    var requestBegan: Instant
    /// What the request under way was answered, until that is reported.
    var answer: (status: Int, bodyBytes: Int)?
    var reportedPhase: ConnectionPhase?
    var clientKey: PeerAddress.Key?
    var isReadingHeads = false
    /// True behind the connection's first request.
    private(set) var isKept = false
    private var closeReason = CloseReason.byPeer
    private let evhttpRead: bufferevent_data_cb?
    private let evhttpWrite: bufferevent_data_cb?
    private let evhttpEvent: bufferevent_event_cb?

    private static let maxWriteBytes = 256 * 1024
    /// How long a refused peer has to read its answer.
    static let rejectionTime = Duration.seconds(1)

    /// Takes evhttp's place on a buffer that evhttp has just made a connection of; nil if evhttp has dropped it.
    /// - Parameter encryption: what its TLS connection was made of, if it has one.
    init?(adopting buffer: OpaquePointer, _ encryption: Gate.Encryption?, by gate: Gate) {
        var read: bufferevent_data_cb?
        var write: bufferevent_data_cb?
        var event: bufferevent_event_cb?
        var argument: UnsafeMutableRawPointer?
        unsafe bufferevent_getcb(buffer, &read, &write, &event, &argument)
        guard let argument = unsafe argument else { return nil }
        let evhttpConnection = OpaquePointer(argument)
        tls = encryption.flatMap { unsafe TLSLink(buffer, $0.context, $0.records) }
        self.gate = gate
        unsafe self.buffer = buffer
        unsafe self.evhttpConnection = evhttpConnection
        key = UInt(bitPattern: argument)
        unsafe (evhttpRead, evhttpWrite, evhttpEvent) = unsafe (read, write, event)
        peer = unsafe PeerAddress(ofSocket: bufferevent_getfd(buffer))
        scanner = RequestHeadScanner(maxBytes: gate.limits.maxHeaderBytes)
        requestBegan = SystemClock.monotonic()
        deadline = requestBegan + gate.limits.headerTimeout
        unsafe evhttp_connection_set_closecb(evhttpConnection, gateClosed, nil)
        setUpBuffer()
    }

    /// Goes on with a connection that an earlier process had; nil if its socket is gone.
    init?(restoring descriptor: Descriptor, by gate: Gate) {
        let options = Int32(BEV_OPT_CLOSE_ON_FREE.rawValue)
        let number = descriptor.borrowed
        guard number >= 0, let buffer = unsafe bufferevent_socket_new(gate.loop.base, number, options) else {
            return nil
        }
        // The buffer closes it from here on.
        _ = descriptor.take()
        self.gate = gate
        tls = nil
        unsafe self.buffer = buffer
        unsafe evhttpConnection = nil
        key = UInt(bitPattern: buffer)
        unsafe (evhttpRead, evhttpWrite, evhttpEvent) = (nil, nil, nil)
        peer = PeerAddress(ofSocket: number)
        scanner = RequestHeadScanner(maxBytes: gate.limits.maxHeaderBytes)
        requestBegan = SystemClock.monotonic()
        deadline = .distantFuture
        setUpBuffer()
    }

    private func setUpBuffer() {
        // 16 KiB by default, which would cut a frame into several writes and loop turns.
        _ = unsafe bufferevent_set_max_single_write(buffer, Self.maxWriteBytes)
        // Beyond a head, what a peer sends stays in the kernel: while an answer is under way libevent would read without
        // end.
        unsafe bufferevent_setwatermark(buffer, Int16(EV_READ), 0, maxInputBytes)
        var stall = timeval(gate.limits.stallTimeout)
        unsafe bufferevent_set_timeouts(buffer, nil, &stall)
    }

    /// Counts the connection and starts to read, or refuses it.
    func enter() {
        reportPhase()
        setGateCallbacks()
        countedKey = addressKey
        switch gate.budget.admit(countedKey) {
        case .admitted:
            isCounted = true
            if gate.isDraining { limitFirstRequest() }
        case .full:
            refuse(
                .connectionsFull, status: 503, reason: "connections-full",
                message: "The server has as many connections as it accepts (--max-connections). Try again later.")
        case .tooManyFromAddress:
            refuse(
                .tooManyFromAddress, status: 429, reason: "too-many-connections",
                message: "Too many connections from your address (--max-connections-per-address).")
        }
    }

    var maxInputBytes: Int { gate.limits.maxHeaderBytes * 2 + 16384 }

    var input: InputBuffer { unsafe InputBuffer(borrowing: bufferevent_get_input(buffer)) }

    func didClose() {
        tls?.sayGoodbye()
        let wasTaken: TakenConnection? = if case .taken(let connection) = state { connection } else { nil }
        state = .closed
        reportAnswer()
        gate.forget(self)
        forgetClient()
        if isCounted { gate.budget.close(countedKey) }
        if isRejectionCounted { gate.rejectedCount -= 1 }
        wasTaken?.didClose(closeReason)
    }

    func close(_ reason: CloseReason) {
        if case .closed = state { return }
        closeReason = reason
        if let evhttpConnection = unsafe evhttpConnection {
            unsafe evhttp_connection_free(evhttpConnection)
        } else {
            didClose()
            unsafe bufferevent_free(buffer)
        }
    }

    func rearm() {
        guard case .answering = state else { return }
        resume()
    }

    /// Waits for the next request on this connection, which may be here already.
    func resume() {
        if case .closed = state { return }
        reportAnswer()
        forgetClient()
        if gate.isDraining { return close(.byServer) }
        isKept = true
        hasBegunHead = false
        state = .awaitingHead
        head = nil
        scanner = RequestHeadScanner(maxBytes: gate.limits.maxHeaderBytes)
        deadline = SystemClock.monotonic() + gate.limits.idleTimeout
        setGateCallbacks()
        if isReadingPaused {
            isReadingPaused = false
            _ = unsafe bufferevent_enable(buffer, Int16(EV_READ))
        }
        if let tls, input.count < maxInputBytes { _ = tls.fetchDecrypted(into: input) }
        readHeads()
    }

    /// Leaves what the peer sends in the kernel until `resume`.
    func pauseReading() {
        isReadingPaused = true
        _ = unsafe bufferevent_disable(buffer, Int16(EV_READ))
    }

    /// Makes the gate hear of everything. Not repeated while it does: enabling writing costs a turn of the loop.
    func setGateCallbacks() {
        guard !isGateListening else { return }
        isGateListening = true
        let context = unsafe UnsafeMutableRawPointer(bitPattern: key)
        unsafe bufferevent_setcb(buffer, gateRead, gateWritten, gateEvent, context)
        _ = unsafe bufferevent_enable(buffer, Int16(EV_READ | EV_WRITE))
    }

    func passToEvhttp() {
        isGateListening = false
        let context = unsafe UnsafeMutableRawPointer(evhttpConnection)
        unsafe bufferevent_setcb(buffer, evhttpRead, evhttpWrite, evhttpEvent, context)
        unsafe evhttpRead?(buffer, context)
    }
}
