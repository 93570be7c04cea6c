// SPDX-License-Identifier: MIT
import System
import Testing

@testable import LibEvent

/// How a connection's state goes from request to request, without sockets.
@Suite struct ConnectionRequestTests {
    private static let limits = ConnectionState.limits

    @Test func `a new connection has the time of a head since accept`() {
        var state = ConnectionState.admitted()
        #expect(state.stage == .awaitingHead && state.phase == .head)
        #expect(state.deadline == at(10_000))
        state.headBegan(now: at(9_000), limits: Self.limits)
        #expect(state.deadline == at(10_000))
        #expect(state.requestBegan == at(0))
    }

    @Test func `bytes of a head are read`() {
        var state = ConnectionState.admitted()
        #expect(state.bytesArrived(1) == .readHeads)
        #expect(state.readsHeads)
    }

    @Test func `an incomplete head waits for more`() {
        var state = ConnectionState.readingHeads()
        #expect(state.headsEnded(hasInput: true) == .none)
        #expect(state.stage == .awaitingHead && !state.readsHeads)
        #expect(state.bytesArrived(2) == .readHeads)
    }

    @Test func `an answer sent at once waits for the next request`() {
        var state = ConnectionState.readingHeads()
        #expect(state.answer(isKept: true, isDraining: false, hasInput: false) == false)
        #expect(state.stage == .answering(isLast: false) && state.phase == .request)
        #expect(state.answerWritten(isPending: false, isDraining: false) == .awaitNextRequest)
    }

    @Test func `a pending answer stops the reading and has no deadline`() {
        var state = ConnectionState.answering()
        #expect(state.answerWritten(isPending: true, isDraining: false) == .none)
        #expect(!state.isReading)
        #expect(state.deadline == .distantFuture)
        #expect(state.drained(isDraining: false) == .awaitNextRequest)
    }

    @Test func `a pending last answer goes on reading, and drops what comes`() {
        var state = ConnectionState.answering(isLast: true)
        #expect(state.answerWritten(isPending: true, isDraining: false) == .none)
        #expect(state.isReading)
        #expect(state.bytesArrived(3) == .dropInput)
        #expect(state.dropped(3, now: at(0)) == .none)
        #expect(state.drained(isDraining: false) == .endWhenReceived)
    }

    @Test func `bytes that come during an answer wait`() {
        var state = ConnectionState.answering()
        #expect(state.bytesArrived(3) == .none)
        #expect(!state.takesMore)
    }

    @Test(arguments: [(false, false, false), (true, true, false), (true, false, true)])
    func `an answer is the last one if the client, the server or the peer's end says so`(
        _ isKept: Bool, _ isDraining: Bool, _ hasPeerEnded: Bool
    ) {
        var state = ConnectionState.readingHeads()
        if hasPeerEnded { state.peerEnded() }
        #expect(state.answer(isKept: isKept, isDraining: isDraining, hasInput: false) == true)
        #expect(state.answerWritten(isPending: false, isDraining: isDraining) == .endWhenReceived)
    }

    @Test func `requests that came whole before the peer's end are answered`() {
        var state = ConnectionState.readingHeads()
        state.peerEnded()
        #expect(state.answer(isKept: true, isDraining: false, hasInput: true) == false)
    }

    @Test func `draining that begins during an answer ends the connection after it`() {
        var state = ConnectionState.answering()
        #expect(state.answerWritten(isPending: true, isDraining: false) == .none)
        #expect(state.drained(isDraining: true) == .endWhenReceived)
    }

    @Test func `the next request has the idle time, then the time of a head from its first byte`() {
        var state = ConnectionState.idle(since: at(5_000))
        #expect(state.stage == .awaitingHead && state.phase == .idle && state.isKept && state.isReading)
        #expect(state.deadline == at(65_000))
        _ = state.bytesArrived(1)
        state.headBegan(now: at(30_000), limits: Self.limits)
        #expect(state.phase == .head)
        #expect(state.deadline == at(40_000))
        #expect(state.requestBegan == at(30_000))
    }

    @Test func `an answer sent while heads are read returns to the reading under way`() {
        var state = ConnectionState.readingHeads()
        _ = state.answer(isKept: true, isDraining: false, hasInput: true)
        #expect(state.answerWritten(isPending: false, isDraining: false) == .awaitNextRequest)
        state.awaitNextRequest(now: at(1), limits: Self.limits)
        #expect(state.bytesArrived(9) == .none)
        state.headRead(isTurnLong: false)
        #expect(state.readsHeads)
    }

    /// Answers `count` requests that came at once.
    private func answer(_ count: Int, of state: inout ConnectionState, isTurnLong: Bool = false) {
        _ = state.bytesArrived(100)
        for _ in 0..<count where state.readsHeads {
            state.headBegan(now: at(0), limits: Self.limits)
            _ = state.answer(isKept: true, isDraining: false, hasInput: true)
            state.awaitNextRequest(now: at(0), limits: Self.limits)
            state.headRead(isTurnLong: isTurnLong)
        }
    }

    @Test func `fifteen requests are answered in one turn`() {
        var state = ConnectionState.admitted()
        answer(15, of: &state)
        #expect(state.readsHeads)
        #expect(state.headsEnded(hasInput: true) == .none)
    }

    @Test func `after sixteen requests the others have their turn, and the rest is read later`() {
        var state = ConnectionState.admitted()
        answer(16, of: &state)
        #expect(!state.readsHeads)
        #expect(state.headsEnded(hasInput: true) == .postpone)
        #expect(state.isPostponed && !state.takesMore)
        #expect(state.nextTurn() == .readInput)
        #expect(state.bytesArrived(50) == .readHeads)
        #expect(state.readsHeads)
    }

    @Test func `sixteen requests and nothing behind them postpone nothing`() {
        var state = ConnectionState.admitted()
        answer(16, of: &state)
        #expect(state.headsEnded(hasInput: false) == .none)
    }

    @Test func `a long turn is over after one request`() {
        var state = ConnectionState.admitted()
        answer(1, of: &state, isTurnLong: true)
        #expect(!state.readsHeads)
        #expect(state.headsEnded(hasInput: true) == .postpone)
    }

    @Test func `what is postponed is postponed once`() {
        var state = ConnectionState.admitted()
        answer(16, of: &state)
        #expect(state.headsEnded(hasInput: true) == .postpone)
        #expect(state.endNextTurn(.abuse) == .none)
        #expect(state.nextTurn() == .close(.abuse))
    }

    @Test func `a request that is taken has no deadline but its owner's`() {
        var state = ConnectionState.readingHeads()
        state.takeOver()
        #expect(state.stage == .taken(isEnding: false) && state.phase == .request)
        #expect(state.deadline == .distantFuture)
        state.setDeadline(at(7))
        #expect(state.deadline == at(7))
        #expect(state.deadlinePassed(isHandshaking: false) == .tellDeadlinePassed)
    }

    @Test func `an owner is shown what comes, and told when everything is sent`() {
        var state = ConnectionState.taken()
        #expect(state.bytesArrived(1) == .showInput)
        #expect(state.drained(isDraining: true) == .tellDrained)
        state.purpose = .upload
        #expect(state.phase == .upload)
    }

    @Test(arguments: [(99, true), (100, false), (101, false)])
    func `input that an owner leaves at the limit is read no further`(_ left: Int, _ isReading: Bool) {
        var state = ConnectionState.taken()
        state.ownerHasRead(left: left, limit: 100)
        #expect(state.isReading == isReading)
    }

    @Test func `a connection given back with an answer keeps its purpose until the next request is answered`() {
        var state = ConnectionState.taken()
        state.purpose = .upload
        _ = state.answer(isKept: true, isDraining: false, hasInput: false)
        #expect(state.phase == .upload)
        #expect(state.answerWritten(isPending: false, isDraining: false) == .awaitNextRequest)
        state.awaitNextRequest(now: at(0), limits: Self.limits)
        #expect(state.phase == .idle && state.purpose == .upload)
        _ = state.bytesArrived(1)
        _ = state.answer(isKept: true, isDraining: false, hasInput: false)
        #expect(state.phase == .request)
    }

    @Test func `the reading goes on when a paused owner gives its connection back`() {
        var state = ConnectionState.taken()
        state.ownerHasRead(left: 100, limit: 100)
        _ = state.answer(isKept: true, isDraining: false, hasInput: true)
        state.awaitNextRequest(now: at(0), limits: Self.limits)
        #expect(state.isReading)
    }

    @Test func `a restored connection has an owner and no deadline from the beginning`() {
        var state = ConnectionState.entering()
        state.restored()
        #expect(state.stage == .taken(isEnding: false) && state.isCounted && state.deadline == .distantFuture)
    }
}
