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
    /// The connection's place in its gate's table: the address of its evhttp_connection.
    var key: UInt { UInt(bitPattern: unsafe evhttpConnection) }
    let evhttpConnection: OpaquePointer
    let buffer: OpaquePointer
    let peer: PeerAddress
    var head: RequestHead?
    var deadline: Instant

    var state = State.awaitingHead
    var scanner: RequestHeadScanner
    /// True if the connection has its place in the budget.
    private(set) var isCounted = false
    private var isGateListening = false
    private var isReadingPaused = false
    var isRejectionCounted = false
    var hasBegunHead = false
    var isReadingHeads = false
    /// True behind the connection's first request.
    private(set) var isKept = false
    private var closeReason = CloseReason.byPeer
    private let evhttpRead: bufferevent_data_cb?
    private let evhttpWrite: bufferevent_data_cb?
    private let evhttpEvent: bufferevent_event_cb?

    private static let maxWriteBytes = 256 * 1024
    private static let maxDroppedBytes = 256 * 1024
    /// How long a refused peer has to read its answer.
    static let rejectionTime = Duration.seconds(1)

    /// Takes evhttp's place on a buffer that evhttp has just made a connection of; nil if evhttp has dropped it.
    init?(adopting buffer: OpaquePointer, by gate: Gate) {
        var read: bufferevent_data_cb?
        var write: bufferevent_data_cb?
        var event: bufferevent_event_cb?
        var argument: UnsafeMutableRawPointer?
        unsafe bufferevent_getcb(buffer, &read, &write, &event, &argument)
        guard let argument = unsafe argument else { return nil }
        let evhttpConnection = OpaquePointer(argument)
        self.gate = gate
        unsafe self.buffer = buffer
        unsafe self.evhttpConnection = evhttpConnection
        unsafe (evhttpRead, evhttpWrite, evhttpEvent) = unsafe (read, write, event)
        peer = unsafe PeerAddress(ofSocket: bufferevent_getfd(buffer))
        scanner = RequestHeadScanner(maxBytes: gate.limits.maxHeaderBytes)
        deadline = SystemClock.monotonic() + gate.limits.headerTimeout
        unsafe evhttp_connection_set_closecb(evhttpConnection, gateClosed, nil)
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
        setGateCallbacks()
        switch gate.budget.admit(peer.key) {
        case .admitted: isCounted = true
        case .full:
            refuse(
                .connectionsFull, status: 503, reason: "too-many-connections",
                message: "The server has as many connections as it accepts (--max-connections). Try again later.")
        case .tooManyFromAddress:
            refuse(
                .tooManyFromAddress, status: 429, reason: "too-many-connections",
                message: "Too many connections from your address (--max-connections-per-address).")
        }
    }

    /// True while nothing of a request has arrived.
    var isBetweenRequests: Bool {
        guard case .awaitingHead = state else { return false }
        return unsafe evbuffer_get_length(bufferevent_get_input(buffer)) == 0
    }

    private var maxInputBytes: Int { gate.limits.maxHeaderBytes * 2 + 16384 }

    var input: InputBuffer { unsafe InputBuffer(borrowing: bufferevent_get_input(buffer)) }

    // MARK: - What libevent reports

    func readable() {
        switch state {
        case .awaitingHead: readHeads()
        case .taken(let connection):
            connection.received(input)
            // libevent calls again and again while a queue stays above its mark.
            if case .taken = state, input.count >= maxInputBytes { pauseReading() }
        case .rejected(let droppedBytes):
            let input = input
            let dropped = droppedBytes + input.count
            input.drop(input.count)
            state = .rejected(droppedBytes: dropped)
            if dropped > Self.maxDroppedBytes { close(.byServer) }
        case .exchange, .answering, .closed: break
        }
    }

    func drained() {
        switch state {
        case .taken(let connection): connection.drained()
        case .rejected:
            // The peer reads to our end of data; closing now could reset the answer away while it still sends.
            unsafe shutdown(bufferevent_getfd(buffer), Int32(SHUT_WR))
        case .awaitingHead, .exchange, .answering, .closed: break
        }
    }

    func ended(by what: Int16) {
        let what = Int32(what)
        if what & BEV_EVENT_TIMEOUT != 0 { return close(.stalled) }
        if what & BEV_EVENT_EOF != 0, case .taken(let connection) = state { return connection.reachedEnd() }
        close(.byPeer)
    }

    func deadlinePassed() {
        switch state {
        case .awaitingHead where !hasBegunHead: close(.byServer)
        case .awaitingHead:
            refuse(
                .tooSlow, status: 408, reason: "too-slow",
                message: "The request's head took too long (--header-timeout).")
        case .taken(let connection): connection.deadlinePassed()
        case .exchange, .answering, .rejected, .closed: close(.byServer)
        }
    }

    func requestComplete(_ request: OpaquePointer) {
        guard case .exchange(let respond) = state else {
            unsafe evhttp_send_error(request, 500, nil)
            return
        }
        state = .answering
        deadline = .distantFuture
        unsafe evhttp_request_set_on_complete_cb(request, gateAnswerComplete, nil)
        respond(unsafe HTTPRequest(request, on: self))
    }

    func didClose() {
        let wasTaken: TakenConnection? = if case .taken(let connection) = state { connection } else { nil }
        state = .closed
        gate.forget(self)
        if isCounted { gate.budget.close(peer.key) }
        if isRejectionCounted { gate.rejectedCount -= 1 }
        wasTaken?.didClose(closeReason)
    }

    // MARK: - What the gate and the owners ask for

    func close(_ reason: CloseReason) {
        if case .closed = state { return }
        closeReason = reason
        unsafe evhttp_connection_free(evhttpConnection)
    }

    func rearm() {
        guard case .answering = state else { return }
        resume()
    }

    /// Waits for the next request on this connection, which may be here already.
    func resume() {
        if case .closed = state { return }
        if gate.isDraining { return close(.byServer) }
        state = .awaitingHead
        isKept = true
        head = nil
        hasBegunHead = false
        scanner = RequestHeadScanner(maxBytes: gate.limits.maxHeaderBytes)
        deadline = SystemClock.monotonic() + gate.limits.idleTimeout
        setGateCallbacks()
        if isReadingPaused {
            isReadingPaused = false
            _ = unsafe bufferevent_enable(buffer, Int16(EV_READ))
        }
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
        let context = unsafe UnsafeMutableRawPointer(evhttpConnection)
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
