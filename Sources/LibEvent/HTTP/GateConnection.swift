// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import WireFormat

/// One accepted connection, from accept to close, and who reads from it now.
///
/// Confined to one event loop. Owned by its gate's table until `close`, which is the only way a connection ends:
/// whatever happens to it comes here by one of the gate's callbacks. `docs/architecture.md` has the order of an end.
@safe
final class GateConnection {
    /// Who reads from the connection.
    enum State {
        /// The gate: it collects a request head.
        case awaitingHead
        /// The gate: there is no room for the connection, which is told so when its request begins to come.
        case refusing(HTTPResponse)
        /// Nobody: an answer is on its way, with which the connection may end.
        case answering(isLast: Bool)
        /// The connection's new owner.
        case taken(TakenConnection)
        /// The gate: the last answer is on its way, and what still arrives is dropped.
        case lingering(Linger)
        /// Nobody.
        case closed
    }

    let gate: Gate
    /// The connection's place in its gate's table, and the argument of its callbacks: the address of its buffer.
    let key: UInt
    let buffer: OpaquePointer
    /// Where pending bytes are queued: the buffer's own queue, until libevent stops writing (`writeOn`).
    var output: OpaquePointer?
    /// Nil for a connection without TLS.
    let tls: TLSLink?
    let peer: PeerAddress
    var head: RequestHead?
    var deadline: Instant

    var state = State.awaitingHead {
        didSet {
            reportPhase()
            updateIdle()
        }
    }
    var scanner: RequestHeadScanner
    /// True if the connection has its place in the budget.
    var isCounted = false
    var countedKey: PeerAddress.Key?
    /// Its address's connections on this loop; nil before it is counted, and for one that is not counted by address.
    private(set) var address: Gate.Address?
    /// The moment when its last request was answered.
    private(set) var idleSince = Instant.distantFuture
    let idlePlace = WaitingLine<GateConnection>.Place()
    let addressPlace = WaitingLine<GateConnection>.Place()
    /// Until when it waits for room; nil if it does not.
    var roomDeadline: Instant?
    private(set) var isReadingPaused = false
    var isRejectionCounted = false
    var hasBegunHead = false { didSet { reportPhase() } }
    /// When the request under way began: its first byte came, or for the first one its connection.
    var requestBegan: Instant
    /// What the request under way was answered, until that is reported.
    var answer: (status: Int, bodyBytes: Int)?
    /// What the request under way counts as while it is answered.
    var answeredPurpose = ConnectionPhase.request
    var reportedPhase: ConnectionPhase?
    var clientKey: PeerAddress.Key?
    var isReadingHeads = false
    /// True while something waits for the loop's next turn.
    private(set) var isPostponed = false
    /// Why the connection ends in the loop's next turn; nil if it does not.
    private var nextTurnEnd: CloseReason?
    /// True after the connection's first request.
    private(set) var isKept = false
    /// True if the peer sends nothing more.
    var hasPeerEnded = false
    var pending = PendingBytes()
    /// Looked at `StallWatch.looks` times within the stall limit while the socket takes nothing.
    var stallWatch = StallWatch()
    /// Tells when the socket takes bytes, once libevent does not write any more.
    var writeEvent: OpaquePointer?
    private static let maxWriteBytes = 256 * 1024

    /// Takes over a buffer that has its socket, and owns it.
    init(_ buffer: OpaquePointer, from peer: PeerAddress, tls: TLSLink?, of gate: Gate) {
        self.gate = gate
        self.tls = tls
        unsafe self.buffer = buffer
        unsafe output = unsafe bufferevent_get_output(buffer)
        key = UInt(bitPattern: buffer)
        self.peer = peer
        scanner = RequestHeadScanner(maxBytes: gate.limits.maxHeaderBytes)
        requestBegan = SystemClock.monotonic()
        deadline = requestBegan + gate.limits.headerTimeout
        // 16 KiB by default, which would cut a frame into several writes and loop turns.
        _ = unsafe bufferevent_set_max_single_write(buffer, Self.maxWriteBytes)
        // Beyond a head, what a peer sends stays in the kernel: while an answer is under way libevent would read without
        // end.
        unsafe bufferevent_setwatermark(buffer, Int16(EV_READ), 0, maxInputBytes)
        var look = timeval(gate.limits.stallTimeout / StallWatch.looks)
        unsafe bufferevent_set_timeouts(buffer, nil, &look)
    }

    deinit {
        if case .closed = state { return }
        assertionFailure("a connection is closed before it is released")
    }

    /// Counts the connection and starts to read, or refuses it.
    func enter() {
        startListening()
        countedKey = addressKey
        tryToEnter()
    }

    /// Counts the connection where there is room, lets it wait for that, or refuses it.
    func tryToEnter() {
        if case .closed = state { return }
        let verdict = gate.admit(countedKey, hasWaited: roomDeadline != nil)
        if gate.letWait(self, verdict) {
            reportPhase()
            return pauseReading()
        }
        resumeReading()
        switch verdict {
        case .admitted:
            beCounted()
            if gate.isDraining { limitFirstRequest() }
        case .full:
            turnAway(
                .connectionsFull, status: 503, reason: "connections-full",
                message: "The server has as many connections as it accepts (--max-connections). Try again later.")
        case .tooManyFromAddress:
            turnAway(
                .tooManyFromAddress, status: 429, reason: "too-many-connections",
                message: "Too many connections from your address (--max-connections-per-address).")
        }
    }

    func beCounted() {
        isCounted = true
        reportPhase()
        address = gate.joinAddress(countedKey)
        updateIdle()
    }

    func startListening() {
        unsafe bufferevent_setcb(
            buffer, gateRead, gateWritten, gateEvent, UnsafeMutableRawPointer(bitPattern: key))
        _ = unsafe bufferevent_enable(buffer, Int16(EV_READ | EV_WRITE))
    }

    var maxInputBytes: Int { gate.limits.maxHeaderBytes * 2 + 16384 }

    var input: InputBuffer { unsafe InputBuffer(borrowing: bufferevent_get_input(buffer)) }

    var descriptor: Int32 { unsafe bufferevent_getfd(buffer) }

    /// True while something written is not yet with the kernel.
    var isOutputPending: Bool { unsafe evbuffer_get_length(output) > 0 }

    /// Ends the connection now, whatever is pending. Does nothing for one that has ended.
    func close(_ reason: CloseReason) {
        if case .closed = state { return }
        // A goodbye would tell that the answer was whole.
        if !isOutputPending { tls?.sayGoodbye() }
        let owner = owner
        state = .closed
        reportAnswer()
        releasePending()
        gate.forget(self)
        forgetClient()
        if isCounted {
            gate.budget.close(countedKey)
            gate.leaveAddress(countedKey)
        }
        if isRejectionCounted { gate.rejectedCount -= 1 }
        stopWritingOn()
        // libevent closes the socket in the loop's next turn, of which there may be none any more.
        if gate.isClosed { shutdown(descriptor, Int32(SHUT_WR)) }
        unsafe bufferevent_free(buffer)
        // Last, since the owner may do anything.
        owner?.didClose(reason)
    }

    /// The owner of a taken connection; nil for the gate.
    var owner: TakenConnection? { if case .taken(let connection) = state { connection } else { nil } }

    /// Waits for the next request on this connection, which may be here already.
    func resume() {
        if case .closed = state { return }
        forgetClient()
        if gate.isDraining { return closeWhenReceived() }
        isKept = true
        hasBegunHead = false
        state = .awaitingHead
        head = nil
        scanner = RequestHeadScanner(maxBytes: gate.limits.maxHeaderBytes)
        idleSince = SystemClock.monotonic()
        deadline = idleSince + gate.limits.idleTimeout
        resumeReading()
        if let tls, input.count < maxInputBytes { _ = tls.fetchDecrypted(into: input) }
        readHeads()
    }

    /// Leaves what the peer sends in the kernel until `resumeReading`.
    func pauseReading() {
        guard !isReadingPaused else { return }
        isReadingPaused = true
        _ = unsafe bufferevent_disable(buffer, Int16(EV_READ))
    }

    func resumeReading() {
        guard isReadingPaused else { return }
        isReadingPaused = false
        if !hasPeerEnded { _ = unsafe bufferevent_enable(buffer, Int16(EV_READ)) }
    }

    /// Goes on with the input in the loop's next turn.
    func postpone() {
        guard !isPostponed else { return }
        isPostponed = true
        gate.postpone(self)
    }

    /// Ends the connection in the loop's next turn.
    func endNextTurn(_ reason: CloseReason) {
        nextTurnEnd = reason
        pauseReading()
        postpone()
    }

    func continueTurn() {
        isPostponed = false
        if case .closed = state { return }
        if let reason = nextTurnEnd { return close(reason) }
        readable()
    }
}
