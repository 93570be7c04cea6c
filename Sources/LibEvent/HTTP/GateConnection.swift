// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import System
import WireFormat

/// One accepted connection, from accept to close; its state names its current reader.
///
/// Confined to one event loop. Owned by its gate's table until `close`, which is the only way a connection ends: every
/// event arrives through one of the gate's callbacks. `docs/architecture.md` lists the steps of an end.
@safe
final class GateConnection {
    /// The current reader of the connection.
    enum State {
        /// The gate: it collects a request head.
        case awaitingHead
        /// The gate: there is no room for the connection, and the refusal is sent when its request begins to arrive.
        case refusing(HTTPResponse)
        /// Nobody: an answer is being sent, after which the connection may end.
        case answering(isLast: Bool)
        /// The connection's new owner.
        case taken(TakenConnection)
        /// The gate: the last answer is being sent, and what still arrives is dropped.
        case lingering(Linger)
        /// Nobody.
        case closed
    }

    let gate: Gate
    /// The connection's place in its gate's table, and the argument of its callbacks: the address of its buffer.
    let key: UInt
    let buffer: OpaquePointer
    /// The queue of pending bytes: the buffer's own, until libevent stops writing (`writeOn`).
    var output: OpaquePointer?
    /// The TLS side; nil for a connection without TLS.
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
    /// True while the connection has a place in the budget.
    var isCounted = false
    var countedKey: PeerAddress.Key?
    /// The connections of its address on this loop; nil before it is counted, and if it is not counted by address.
    private(set) var address: Gate.Address?
    /// The moment when its last request was answered.
    private(set) var idleSince = Instant.distantFuture
    let idlePlace = WaitingLine<GateConnection>.Place()
    let addressPlace = WaitingLine<GateConnection>.Place()
    /// The end of its wait for room; nil if it has not waited.
    var roomDeadline: Instant?
    private(set) var isReadingPaused = false
    var isRejectionCounted = false
    var hasBegunHead = false { didSet { reportPhase() } }
    /// The beginning of the request under way: its first byte, or accept for the first request.
    var requestBegan: Instant
    /// The answer to the request under way, until it is reported.
    var answer: (status: Int, bodyBytes: Int)?
    /// The phase that the request under way counts as while it is answered.
    var answeredPurpose = ConnectionPhase.request
    var reportedPhase: ConnectionPhase?
    var clientKey: PeerAddress.Key?
    var isReadingHeads = false
    /// True while something waits for the loop's next turn.
    private(set) var isPostponed = false
    /// The reason to end the connection in the loop's next turn; nil if it does not end then.
    private var nextTurnEnd: CloseReason?
    /// True once the connection's first request was answered.
    private(set) var isKept = false
    /// True once the peer sends nothing more.
    var hasPeerEnded = false
    var pending = PendingBytes()
    /// Asked `StallWatch.looks` times within the stall limit while the socket accepts nothing.
    var stallWatch = StallWatch()
    /// The reason under which the connection closes if it is lost.
    var lossReason = CloseReason.byPeer
    /// The event that reports a writable socket; nil while libevent writes.
    var writeEvent: OpaquePointer?
    private static let maxWriteBytes = 256 * 1024

    /// Creates a connection that owns `buffer` and its socket.
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
        // Bytes beyond a head stay in the kernel: while an answer is under way, libevent would read without end.
        unsafe bufferevent_setwatermark(buffer, Int16(EV_READ), 0, maxInputBytes)
        var look = timeval(gate.limits.stallTimeout / StallWatch.looks)
        unsafe bufferevent_set_timeouts(buffer, nil, &look)
    }

    deinit {
        if case .closed = state { return }
        assertionFailure("a connection is closed before it is released")
    }

    /// Starts to read. Then counts the connection, lets it wait for room, or refuses it.
    func enter() {
        startListening()
        countedKey = addressKey
        tryToEnter()
    }

    /// Counts the connection if there is room, lets it wait for room, or refuses it.
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
        case .full: turnAway(.connectionsFull)
        case .tooManyFromAddress: turnAway(.tooManyFromAddress)
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

    /// True while written bytes are not yet with the kernel.
    var isOutputPending: Bool { unsafe evbuffer_get_length(output) > 0 }

    /// Ends the connection at once, whatever is pending. Does nothing for a connection that has ended.
    func close(_ reason: CloseReason) {
        if case .closed = state { return }
        // A close_notify would say that the answer was complete.
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
        // libevent closes the socket in the loop's next turn, which a closed gate may not have any more.
        if gate.isClosed { shutdown(descriptor, Int32(SHUT_WR)) }
        unsafe bufferevent_free(buffer)
        // Last, since the owner may do anything.
        owner?.didClose(reason)
    }

    /// The owner of a taken connection; nil while the gate has it.
    var owner: TakenConnection? { if case .taken(let connection) = state { connection } else { nil } }

    /// Waits for the next request on this connection, which may have arrived already.
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

    /// Leaves the peer's bytes in the kernel until `resumeReading`.
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

    /// Continues with the input in the loop's next turn.
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
