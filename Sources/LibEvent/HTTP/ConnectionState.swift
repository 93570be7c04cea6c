// SPDX-License-Identifier: MIT
import System

/// The decisions about one connection, from accept to close: its stage, its deadline, and the reaction to each event.
///
/// A pure value, without input or output: the caller reports an event with the time and the facts, and carries out the
/// action that is returned. Further events may be reported meanwhile. docs/design/connections.md describes the end.
struct ConnectionState {
    private(set) var stage = ConnectionStage.entering
    /// The moment at which `deadlinePassed` is due.
    var deadline: Instant { linger?.deadline ?? activeDeadline }
    private var activeDeadline: Instant
    /// True while the connection has a place in the budget.
    private(set) var isCounted = false
    /// False while the peer's bytes are left in the kernel.
    private(set) var isReading = true
    private(set) var hasBegunHead = false
    /// True once the connection's first request was answered.
    private(set) var isKept = false
    /// The beginning of the request under way: its first byte, or accept for the first request.
    private(set) var requestBegan: Instant
    /// The moment when the last request was answered.
    private(set) var idleSince = Instant.distantFuture
    /// The phase that the request under way, or the last one, counts as.
    var purpose = ConnectionPhase.request
    /// True once the peer sends nothing more.
    private(set) var hasPeerEnded = false
    /// True while something waits for the loop's next turn.
    private(set) var isPostponed = false
    /// The reason under which the connection closes if it is lost.
    private(set) var lossReason = CloseReason.byPeer
    /// The reason to end the connection in the loop's next turn; nil if it does not end then.
    private var nextTurnEnd: CloseReason?
    private(set) var heads = HeadTurn()
    private var linger: Linger?
    /// Asked `StallWatch.looks` times within the stall limit while the socket accepts nothing.
    private var stallWatch = StallWatch()

    /// Creates the state of a connection accepted at `now`.
    init(now: Instant, limits: HTTPLimits) {
        requestBegan = now
        activeDeadline = now + limits.headerTimeout
    }

    mutating func waitForRoom() { isReading = false }

    /// Handles a place in the budget.
    mutating func admitted(isDraining: Bool, now: Instant) {
        assert(stage == .entering, "a connection enters once")
        (stage, isCounted, isReading) = (.awaitingHead, true, true)
        if isDraining { limitFirstRequest(now) }
    }

    /// Handles a place in the budget for a connection of an earlier process, which has an owner already.
    mutating func restored() {
        assert(stage == .entering, "a connection enters once")
        (stage, isCounted, activeDeadline) = (.taken(isEnding: false), true, .distantFuture)
    }

    /// Handles a lack of room, of which the peer is told when its request begins to arrive, or after `refusalPause`: a
    /// client that has sent no request treats an answer as an error (Go's does, and so Caddy answers 502).
    mutating func turnedAway(now: Instant) {
        assert(stage == .entering, "only a new connection finds no room")
        (stage, isReading, activeDeadline) = (.refusing, true, now + Self.refusalPause)
    }

    /// Handles new input, or input that an earlier reader has left.
    mutating func bytesArrived(_ count: Int) -> ConnectionAction {
        switch stage {
        case .awaitingHead: heads.begin() ? .readHeads : .none
        case .refusing: count > 0 ? .sendRefusal : .none
        case .taken(let isEnding): isEnding ? .dropInput : .showInput
        case .lingering: .dropInput
        case .answering(let isLast): isLast ? .dropInput : .none
        case .entering, .closed: .none
        }
    }

    /// Handles the first byte of a request. The time of the first request runs since accept.
    mutating func headBegan(now: Instant, limits: HTTPLimits) {
        hasBegunHead = true
        guard isKept else { return }
        requestBegan = now
        activeDeadline = now + limits.headerTimeout
    }

    /// Counts a request that was decided about.
    mutating func headRead(isTurnLong: Bool) { heads.countRequest(isTurnLong: isTurnLong) }

    /// Handles the end of `readHeads`: no head is left, the gate has lost the connection, or others have their turn.
    mutating func headsEnded(hasInput: Bool) -> ConnectionAction {
        heads.end()
        guard stage == .awaitingHead else { return .none }
        if heads.isOver, hasInput { return postpone() }
        return hasPeerEnded ? .close(.byPeer) : .none
    }

    /// Gives the connection to an owner.
    mutating func takeOver() {
        assert(stage == .awaitingHead, "only a request is taken over")
        (stage, purpose, activeDeadline) = (.taken(isEnding: false), .request, .distantFuture)
    }

    /// Handles the owner's look at the input. Input that the owner leaves at the limit is read no further: libevent
    /// repeats its call while the input stays above its high-water mark.
    mutating func ownerHasRead(left: Int, limit: Int) {
        if case .taken = stage, left >= limit { isReading = false }
    }

    mutating func setDeadline(_ deadline: Instant) { activeDeadline = deadline }

    /// Handles the answer to the request under way; returns true if it is the connection's last one.
    mutating func answer(isKept: Bool, isDraining: Bool, hasInput: Bool) -> Bool {
        switch stage {
        case .awaitingHead: purpose = .request
        case .taken: break
        case .entering, .refusing, .answering, .lingering, .closed: assertionFailure("only a request is answered")
        }
        let isLast = !isKept || isDraining || hasPeerEnded && !hasInput
        // The stall limit applies to pending bytes; a slow reader has no deadline.
        (stage, activeDeadline) = (.answering(isLast: isLast), .distantFuture)
        return isLast
    }

    /// Handles an answer of which some bytes may be pending.
    mutating func answerWritten(isPending: Bool, isDraining: Bool) -> ConnectionAction {
        guard case .answering(let isLast) = stage else { return .none }
        guard isPending else { return answerSent(isLast, isDraining) }
        // The next request waits until the answer is sent: a peer that does not read must not accumulate answers.
        if !isLast { isReading = false }
        return .none
    }

    mutating func awaitNextRequest(now: Instant, limits: HTTPLimits) {
        (stage, isKept, hasBegunHead, isReading) = (.awaitingHead, true, false, true)
        (idleSince, activeDeadline) = (now, now + limits.idleTimeout)
    }

    /// Handles output that is wholly with the kernel.
    mutating func drained(isDraining: Bool) -> ConnectionAction {
        stallWatch.restart()
        return switch stage {
        case .taken(let isEnding): isEnding ? .endWhenReceived : .tellDrained
        case .answering(let isLast): answerSent(isLast, isDraining)
        case .lingering: .stopSending
        case .entering, .awaitingHead, .refusing, .closed: .none
        }
    }

    /// Ends the connection in the loop's next turn: the caller does not expect it to end during the call.
    mutating func endNextTurn(_ reason: CloseReason) -> ConnectionAction {
        guard stage != .closed else { return .none }
        (nextTurnEnd, isReading) = (reason, false)
        return postpone()
    }

    private mutating func postpone() -> ConnectionAction {
        guard !isPostponed else { return .none }
        isPostponed = true
        return .postpone
    }

    mutating func nextTurn() -> ConnectionAction {
        isPostponed = false
        guard stage != .closed else { return .none }
        return nextTurnEnd.map { .close($0) } ?? .readInput
    }

    /// Handles a part of the stall limit in which the socket has accepted nothing.
    /// - Parameter byteCount: the bytes that wait for the peer, in the process and in the kernel.
    mutating func writeTimedOut(byteCount: Int, now: Instant, limits: HTTPLimits) -> ConnectionAction {
        let limit = limits.stallTimeout
        let isStalled = stallWatch.isStalled(at: byteCount, now: now, limit: limit, waited: limit / StallWatch.looks)
        return isStalled ? .close(.stalled) : .keepWriting
    }

    /// Handles the beginning of the server's end. A connection ends unless a request is under way or may be.
    mutating func beginDraining(hasInput: Bool, hasUnreadBytes: @autoclosure () -> Bool, now: Instant)
        -> ConnectionAction
    {
        guard stage == .awaitingHead || stage == .entering, !hasInput, !hasUnreadBytes() else { return .none }
        // Clients repeat a lost request by themselves only on a connection that has served them before.
        if isKept { return .endWhenReceived }
        limitFirstRequest(now)
        return .none
    }

    /// Limits the wait for the first request, so that a newly accepted connection does not delay the server's end.
    private mutating func limitFirstRequest(_ now: Instant) {
        activeDeadline = min(activeDeadline, now + Self.firstRequestTime)
    }

    /// Handles the end of the peer's sending; the peer may still read (RFC 9112 section 9.6, RFC 8446 section 6.1).
    /// `endReached` follows when what it has sent before is read.
    mutating func peerEnded() { hasPeerEnded = true }

    /// Handles the owner's wish to end the connection when everything is sent.
    mutating func endWhenDrained(isPending: Bool) -> ConnectionAction {
        guard case .taken = stage else { return .none }
        stage = .taken(isEnding: true)
        guard isPending else { return .endWhenReceived }
        // No deadline: the stall limit applies to pending bytes, and a slow reader may take its time.
        activeDeadline = .distantFuture
        return .none
    }

    /// Ends the connection as soon as that cannot cost the peer any bytes that are with the kernel.
    /// - Parameter isReceived: true if the peer's system has everything, and nothing of the peer's is unread.
    mutating func end(isReceived: Bool, now: Instant) -> ConnectionAction {
        if stage == .closed { return .none }
        if isReceived { return .close(.byServer) }
        beginLingering(isRefused: false, now: now)
        return .linger
    }

    /// Handles the beginning of the last answer, a refusal: what the peer sends from now on is dropped.
    mutating func beginLingering(isRefused: Bool, now: Instant) {
        assert(stage != .closed, "nothing follows the end")
        (stage, isReading) = (.lingering(isRefused: isRefused), true)
        linger = Linger(isCounted: isCounted, now: now)
    }

    /// Handles a last answer of which bytes are pending, since earlier ones fill the socket.
    mutating func lastAnswerIsPending() { linger?.answerIsPending() }

    mutating func sendingStopped(now: Instant) -> ConnectionAction {
        linger?.start(at: now)
        return hasPeerEnded && stage != .closed ? .close(.byServer) : .none
    }

    mutating func dropped(_ count: Int, now: Instant) -> ConnectionAction { linger?.drop(count, now: now) ?? .none }

    /// Handles the deadline of a lingering connection. A draining server waits for no slow reader.
    mutating func lingered(unacknowledged: Int, isDraining: Bool, now: Instant, limits: HTTPLimits) -> ConnectionAction
    {
        guard !isDraining else { return .close(.byServer) }
        return linger?.deadlinePassed(unacknowledged, now: now, stallTimeout: limits.stallTimeout) ?? .none
    }

    /// Handles a lost connection. The kernel gives a peer up that has accepted nothing within the stall limit
    /// (TCP_USER_TIMEOUT), perhaps a moment before the gate does.
    mutating func lost(isTimeout: Bool) { if isTimeout { lossReason = .stalled } }

    /// Handles the end; false if the connection has ended before.
    mutating func close() -> Bool {
        if stage == .closed { return false }
        (stage, linger) = (.closed, nil)
        return true
    }
}
